/// Documents that are part of the service, so that every binary serves those of its own version, wherever it lies and
/// wherever it is started.
public enum ServedDocuments {
    /// Served at /openapi.yaml.
    public static let openAPI = bytes(of: openAPIText)
    /// Served at /definition.schema.json.
    public static let definitionSchema = bytes(of: definitionSchemaText)

    private static func bytes(of text: StaticString) -> [UInt8] {
        text.withUTF8Buffer { Array($0) }
    }
}
