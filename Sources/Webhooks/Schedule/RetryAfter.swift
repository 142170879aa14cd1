import CCurl
import Chrono

/// The `Retry-After` header (RFC 9110 section 10.2.3): seconds, or a date.
enum RetryAfter {
    /// How long to wait from `now` on, not below zero; nil for what is neither.
    static func span(_ text: String, at now: Instant) -> TimeSpan? {
        let digits = text.utf8
        guard !digits.isEmpty, digits.count <= 64 else { return nil }
        if digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            // More digits than 64 bits hold are a very long time all the same.
            return .seconds(Int64(text) ?? .max)
        }
        // Reads all three forms of HTTP dates; -1 for anything else.
        let seconds = curl_getdate(text, nil)
        guard seconds >= 0 else { return nil }
        return max(.zero, Instant(milliseconds: Int64(seconds) * 1000) - now)
    }
}
