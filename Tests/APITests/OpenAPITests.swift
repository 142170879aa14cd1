import API
import Foundation
import HTTPServer
import Testing

/// openapi.yaml against the routing table. That every answer is described, too, each test checks whose answer it is:
/// see `Desk.send`.
@Suite struct OpenAPITests {
    @Test("openapi.yaml describes every route that is served, and no other")
    func describesEveryRoute() throws {
        let described = try OpenAPIDocument().operations.map(\.name)
        let served = ProcessionAPI.routes.map { "\($0.method) \($0.pattern)" }
        #expect(Set(served).subtracting(described) == [], "served, but not in openapi.yaml")
        #expect(Set(described).subtracting(served) == [], "in openapi.yaml, but not served")
        #expect(described.count == Set(described).count, "an operation is described twice")
    }

    @Test("every operation has an id of its own, after which clients are named")
    func operationIDs() throws {
        let ids = try OpenAPIDocument.lines().compactMap { $0.firstMatch(of: /^ +operationId: (\w+)$/)?.1 }
        #expect(ids.count == ProcessionAPI.routes.count)
        #expect(ids.filter { id in ids.count { $0 == id } > 1 } == [])
    }

    @Test("no name is a word that readers of YAML 1.1 take for true or false")
    func booleans() throws {
        for (index, line) in try OpenAPIDocument.lines().enumerated() {
            #expect(
                line.firstMatch(of: /(^ *|\[|, |\{ )(on|off|yes|no|y|n)(:|,|\])/.ignoresCase()) == nil,
                "line \(index + 1): \(line)")
        }
    }

    @Test("what is a duration says which durations there are")
    func durations() throws {
        let lines = try OpenAPIDocument.lines()
        for (index, line) in lines.enumerated() {
            guard
                let name = line.firstMatch(of: /^ +- name: (lease|wait)$/)?.1
                    ?? line.firstMatch(of: /^ +(timeout|grace|extend|expires_in|by): \{/)?.1
            else { continue }
            let place = lines[index..<min(index + 4, lines.count)].joined(separator: "\n")
            #expect(place.contains("schemas/Duration"), "line \(index + 1): \(name)")
        }
    }

    @Test("openapi.yaml describes the query parameters that are known, and no others")
    func describesEveryParameter() throws {
        let document = try OpenAPIDocument()
        for (method, pattern, parameters) in ProcessionAPI.routes {
            #expect(document["\(method) \(pattern)"]?.queryParameters == parameters, "\(method) \(pattern)")
        }
    }

    @Test("every component has a name of its own, and every reference leads to one")
    func names() throws {
        let components = try OpenAPIDocument().components
        #expect(components.count > 50)
        #expect(
            components.count == Set(components).count,
            "\(components.filter { name in components.count { $0 == name } > 1 })")
        for line in try OpenAPIDocument.lines() {
            for reference in line.matches(of: /"#\/components\/([A-Za-z]+\/[A-Za-z0-9]+)"/) {
                #expect(components.contains(String(reference.1)), "\(line)")
            }
        }
    }

    @Test("the code of every problem is listed in openapi.yaml")
    func listsEveryProblemCode() throws {
        let lines = try OpenAPIDocument.lines().map { $0.trimmingCharacters(in: .whitespaces) }
        let listed = Set(lines.filter { $0.hasPrefix("- ") }.map { String($0.dropFirst(2)) })
        #expect(ProblemCatalogue.codes.filter { !listed.contains($0) } == [])
    }
}

/// Whether an answer is one of those that openapi.yaml gives for its operation; nil where there is no operation.
enum DescribedAnswers {
    private static let router: HTTPRouter<String> = {
        var router = HTTPRouter<String>()
        for (method, pattern, _) in ProcessionAPI.routes { router.add(method, pattern, "\(method) \(pattern)") }
        return router
    }()

    static func fault(_ method: String, _ path: [String], _ response: HTTPResponse) -> String? {
        // Pages of other sites, and callers that accept nothing there is, are refused before any route runs.
        guard case .found(let name, _) = router.match(method, path), ![403, 406].contains(response.status) else {
            return nil
        }
        guard let types = OpenAPIDocument.shared?[name]?.responses[response.status] else {
            return "\(name) is not described to answer \(response.status)"
        }
        if types.isEmpty, response.body.isEmpty { return nil }
        let type = (response["Content-Type"] ?? "").prefix { $0 != ";" }
        return types.contains(String(type)) ? nil : "\(name) is not described to answer \(response.status) as \(type)"
    }
}
