import Foundation
import JSON
import TestSupport
import Testing

/// The public parsing suite: `y` has to be accepted, `n` refused, `i` is ours to decide but never altered.
@Suite("Conformance")
struct ConformanceTests {
    /// Legal to accept by the grammar; here duplicate members are errors everywhere.
    private static let duplicates: Set = [
        "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
        "object_same_key_different_values.json",
        "object_same_key_same_value.json", "object_same_key_unclear_values.json",
    ]

    @Test(
        "the suite is decided as it demands",
        .enabled(if: ConformanceData.lines("json/parsing.jsonl") != nil),
        arguments: ["json/parsing.jsonl", "json/transform.jsonl"])
    func suite(path: String) throws {
        var count = 0
        var accepted = 0
        for line in try #require(ConformanceData.lines(path)) {
            let row = try JSONValue(parsing: line)
            let name = try #require(row["name"]?.stringValue)
            let bytes = try Self.bytes(of: row)
            count += 1
            do throws(JSONError) {
                let document = try JSONDocument.parse(bytes)
                accepted += 1
                #expect(row["expect"] != "reject" && !Self.duplicates.contains(name), "\(name)")
                #expect(document.bytes == bytes, "\(name)")
                #expect(JSONView(document.root.value) == document.root, "\(name)")
            } catch {
                #expect(row["expect"] != "accept" || Self.duplicates.contains(name), "\(name): \(error)")
                if Self.duplicates.contains(name) { #expect(error.kind == .duplicateMember, "\(name)") }
            }
        }
        print("\(path): \(count) cases, \(accepted) accepted")
        #expect(count > 0)
    }

    private static func bytes(of row: JSONValue) throws -> [UInt8] {
        if let whole = row["base64"]?.stringValue { return Array(try #require(Data(base64Encoded: whole))) }
        var bytes: [UInt8] = []
        for part in try #require(row["parts"]?.arrayValue) {
            let text = try #require(part["raw"]?.stringValue ?? part["repeat"]?.stringValue)
            let piece = Array(try #require(Data(base64Encoded: text)))
            for _ in 0..<(part["count"]?.int64Value ?? 1) { bytes += piece }
        }
        return bytes
    }
}
