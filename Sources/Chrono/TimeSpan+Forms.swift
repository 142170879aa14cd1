extension TimeSpan {
    /// What a duration looks like, for somebody who wrote `text` in its place.
    public static func forms(insteadOf text: String) -> String {
        let forms = "a duration of h, m, s and ms in this order, such as 72h, 1h30m, 1.5s or 250ms"
        let hours: Int64? =
            switch text.last {
            case "d": 24
            case "w": 168
            default: nil
            }
        // Days and weeks are not among the units: where clocks change, a day has 23 or 25 hours.
        guard let hours, let count = Int64(text.dropLast()), (1...100_000).contains(count) else { return forms }
        return "\(forms); for \(text) write \(count * hours)h"
    }
}
