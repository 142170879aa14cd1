import Foundation

/// The public conformance suites that lie beside a checkout in CI; absent elsewhere.
public enum ConformanceData {
    /// The lines of one suite, or nil where the suites are not present.
    public static func lines(_ path: String, file: String = #filePath) -> [String]? {
        var directory = URL(fileURLWithPath: file).deletingLastPathComponent()
        while directory.path != "/" {
            let candidate = directory.appendingPathComponent("../shared/conformance/\(path)").standardizedFileURL
            if let text = try? String(contentsOf: candidate, encoding: .utf8) {
                return text.split(separator: "\n").map(String.init)
            }
            directory.deleteLastPathComponent()
        }
        return nil
    }
}
