import CEL
import Foundation

/// The time zones of the machine that runs the tests.
struct SystemTimeZones: CELTimeZones {
    func offset(ofZone name: String, at seconds: Int64) -> Int? {
        TimeZone(identifier: name)?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
    }
}
