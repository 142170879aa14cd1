import HTTPServer
import JSON
import Testing

extension Desk {
    static func fields(_ secret: String) -> [(String, String)] { [("Authorization", "Bearer \(secret)")] }

    /// Makes a key and returns its secret and id. `by`: the secret of the key that asks for it.
    func makeKey(
        _ name: String, _ scopes: [String], tenant: String? = nil, by secret: String? = nil
    ) throws -> (secret: String, id: String) {
        var body: JSONObject = ["name": .string(name), "scopes": .array(scopes.map { .string($0) })]
        body["tenant"] = tenant.map { .string($0) }
        let text = JSONValue.object(body).text
        let made = call("POST", "/keys", text, fields: secret.map(Self.fields) ?? [])
        #expect(made.response.status == 201, "\(made.json)")
        return (try #require(made.json["secret"]?.stringValue), try #require(made.json["id"]?.stringValue))
    }
}
