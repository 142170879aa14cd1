// Compiled together with the sources of JSON by scripts/fuzz; no target of the package.

/// libFuzzer's entry: reads the bytes as a JSON document and stops the program where a promise is broken.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    do throws(JSONError) {
        let document = try JSONDocument.parse(bytes)
        guard document.bytes == bytes else { preconditionFailure("the document is not what was read") }
        check(document.root)
    } catch {
        guard (0...bytes.count).contains(error.offset), error.column >= 1 else {
            preconditionFailure("a fault outside of the input: \(error)")
        }
    }
    return 0
}

/// Tree and view are the same value, and writing it gives a document of the same value.
private func check(_ view: JSONView) {
    let value = view.value
    guard JSONView(value) == view else { preconditionFailure("the tree differs from the view") }
    let written = value.text
    guard written.utf8.allSatisfy({ $0 >= 0x20 }) else { preconditionFailure("a raw control byte was written") }
    do throws(JSONError) {
        let again = try JSONDocument.parse(Array(written.utf8))
        guard again.root == view, again.root.value == value else {
            preconditionFailure("written and read again it is another value: \(written)")
        }
        guard again.root.contentHash() == view.contentHash() else {
            preconditionFailure("equal values have different hashes: \(written)")
        }
    } catch {
        preconditionFailure("what was written is no JSON: \(error)")
    }
}
