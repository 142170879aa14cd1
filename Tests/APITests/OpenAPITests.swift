import API
import Foundation
import Testing

/// openapi.yaml against the routing table.
@Suite struct OpenAPITests {
    @Test("openapi.yaml describes every route that is served, and no other")
    func describesEveryRoute() throws {
        let described = try DescribedOperations.read()
        let served = ProcessionAPI.routes.map { "\($0.method) \($0.pattern)" }
        #expect(Set(served).subtracting(described) == [], "served, but not in openapi.yaml")
        #expect(Set(described).subtracting(served) == [], "in openapi.yaml, but not served")
        #expect(described.count == Set(described).count, "an operation is described twice")
    }

    @Test("the code of every problem is listed in openapi.yaml")
    func listsEveryProblemCode() throws {
        let lines = try DescribedOperations.lines().map { $0.trimmingCharacters(in: .whitespaces) }
        let listed = Set(lines.filter { $0.hasPrefix("- ") }.map { String($0.dropFirst(2)) })
        #expect(ProblemCatalogue.codes.filter { !listed.contains($0) } == [])
    }
}

/// The methods and paths under `paths:`, read by indentation: a path stands at two spaces, a method at four.
private enum DescribedOperations {
    private static let methods: Set<String> = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    static func lines() throws -> [String] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../openapi.yaml").standardizedFileURL
        return try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    }

    static func read() throws -> [String] {
        var operations: [String] = []
        var isInPaths = false
        var path: String?
        for line in try lines() where !line.isEmpty {
            let indentation = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indentation)
            guard !text.hasPrefix("#"), text.hasSuffix(":") || indentation == 0 else { continue }
            let name = String(text.prefix { $0 != ":" })
            switch indentation {
            case 0:
                isInPaths = name == "paths"
                path = nil
            case 2 where isInPaths: path = name
            case 4 where isInPaths && methods.contains(name):
                operations.append("\(name.uppercased()) \(try #require(path))")
            default: break
            }
        }
        return operations
    }
}
