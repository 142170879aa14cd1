import HTTPServer

/// A browser must not be able to act here on behalf of the page it shows.
enum CrossOrigin {
    static func check(_ request: HTTPRequest, requiresLoopbackHost: Bool) throws(HTTPProblem) {
        let host = request.headers["host"]
        if request.headers["sec-fetch-site"] == "cross-site" {
            throw HTTPProblem(.crossOrigin, "Sec-Fetch-Site says that another site's page sent this")
        }
        if let origin = request.headers["origin"], origin != host.map({ "http://\($0)" }),
            origin != host.map({ "https://\($0)" })
        {
            throw HTTPProblem(.crossOrigin, "the page at \(origin) may not use this service")
        }
        if requiresLoopbackHost, let host, !isLoopback(host) {
            throw HTTPProblem(.crossOrigin, "without keys the service answers to loopback names only, not to '\(host)'")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        var name = Substring(host.lowercased())
        if name.hasPrefix("[") {
            name = name.dropFirst().prefix { $0 != "]" }
            return name == "::1"
        }
        name = name.prefix { $0 != ":" }
        return name == "localhost" || name.hasSuffix(".localhost") || name == "127.0.0.1"
            || (name.hasPrefix("127.") && name.allSatisfy { $0.isNumber || $0 == "." })
    }
}
