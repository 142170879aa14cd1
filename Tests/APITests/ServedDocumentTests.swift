import API
import Foundation
import HTTPServer
import Testing

/// The documents inside the binary.
@Suite("Served documents")
struct ServedDocumentTests {
    @Test(
        "what is served is the file of the project, to the byte; scripts/embed makes it so",
        arguments: [
            ("openapi.yaml", "/openapi.yaml", "application/yaml; charset=utf-8"),
            ("docs/definition.schema.json", "/definition.schema.json", "application/schema+json"),
        ])
    func isTheFile(path: String, target: String, type: String) throws {
        let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        let file = Array(try Data(contentsOf: project.appendingPathComponent(path).standardizedFileURL))
        let (response, _) = try Desk().call("GET", target)
        #expect(response.status == 200)
        #expect(response["Content-Type"] == type)
        #expect(!file.isEmpty)
        // Not in the macro, which would print all bytes.
        let isSame = file.elementsEqual(response.body)
        #expect(isSame, "run scripts/embed")
    }
}
