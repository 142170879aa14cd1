import HTTPServer
import Testing

struct HTTPRouterTests {
    private let router: HTTPRouter<String> = {
        var router = HTTPRouter<String>()
        router.add("GET", "/", "root")
        router.add("GET", "/tasks", "claim")
        router.add("GET", "/tasks/{task_id}", "task")
        router.add("POST", "/tasks/{task_id}/outcome", "outcome")
        router.add("POST", "/tasks/outcomes", "outcomes")
        router.add("PUT", "/definitions/{name}", "define")
        router.add("GET", "/definitions/{name}/versions/{version}", "version")
        return router
    }()

    private func describe(_ method: String, _ path: [String]) -> String {
        switch router.match(method, path) {
        case .found(let route, let parameters):
            ([route] + zip(parameters.names, parameters.values).map { "\($0)=\($1)" }).joined(separator: " ")
        case .methodNotAllowed(let allow): "405 " + allow.joined(separator: ",")
        case .notFound: "404"
        }
    }

    @Test(
        "method and path find their route, or tell 404 from 405",
        arguments: [
            ("GET", [], "root"),
            ("GET", ["tasks"], "claim"),
            ("HEAD", ["tasks"], "claim"),
            ("POST", ["tasks"], "405 GET,HEAD,OPTIONS"),
            ("OPTIONS", ["tasks"], "405 GET,HEAD,OPTIONS"),
            ("get", ["tasks"], "405 GET,HEAD,OPTIONS"),
            ("GET", ["tasks", "t/1"], "task task_id=t/1"),
            ("POST", ["tasks", "outcomes"], "outcomes"),
            ("POST", ["tasks", "outcomes", "outcome"], "outcome task_id=outcomes"),
            ("GET", ["definitions", "a", "versions", "3"], "version name=a version=3"),
            ("DELETE", ["definitions", "a"], "405 OPTIONS,PUT"),
            ("GET", ["", "tasks"], "404"),
            ("GET", ["tasks", ""], "404"),
            ("GET", ["tasks", "a", "b"], "404"),
            ("GET", ["definitions"], "404"),
        ] as [(String, [String], String)])
    func match(method: String, path: [String], expected: String) {
        #expect(describe(method, path) == expected)
    }

    @Test("parameters are found by name, and all routes are listed in order")
    func listing() throws {
        guard case .found(_, let parameters) = router.match("GET", ["definitions", "a", "versions", "3"]) else {
            Issue.record("no route")
            return
        }
        #expect(parameters["version"] == "3")
        #expect(parameters["other"] == nil)
        #expect(router.routes.count == 7)
        #expect(router.routes[3].method == "POST")
        #expect(router.routes[3].pattern == "/tasks/{task_id}/outcome")
    }
}
