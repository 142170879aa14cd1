/// An HTTP answer as far as a load generator looks at it.
struct Answer {
    var status: Int
    var body: ArraySlice<UInt8>

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The texts that stand after `"name":"`, in order.
    func values(of name: String) -> [String] {
        let key = Array("\"\(name)\":\"".utf8)
        var found: [String] = []
        var index = body.startIndex
        while index + key.count < body.endIndex {
            guard body[index] == key[0], body[index...].starts(with: key) else {
                index += 1
                continue
            }
            let start = index + key.count
            let end = body[start...].firstIndex(of: UInt8(ascii: "\"")) ?? body.endIndex
            found.append(String(decoding: body[start..<end], as: UTF8.self))
            index = end
        }
        return found
    }

    /// The first answer in the bytes and where it ends; nil while it is not complete.
    static func read(_ bytes: ArraySlice<UInt8>) -> (answer: Answer, end: Int)? {
        guard bytes.count > 16, let head = endOfHead(bytes) else { return nil }
        var length = 0
        let name = Array("content-length:".utf8)
        for line in bytes[bytes.startIndex..<head].split(separator: 10) {
            guard line.count > name.count, zip(line, name).allSatisfy({ $0 | 0x20 == $1 || $0 == $1 }) else { continue }
            for byte in line where byte >= 48 && byte < 58 { length = length * 10 + Int(byte - 48) }
        }
        guard bytes.endIndex - head >= length else { return nil }
        let digits = bytes[(bytes.startIndex + 9)..<(bytes.startIndex + 12)]
        let status = digits.reduce(0) { $0 * 10 + Int($1) - 48 }
        return (Answer(status: status, body: bytes[head..<(head + length)]), head + length)
    }

    private static func endOfHead(_ bytes: ArraySlice<UInt8>) -> Int? {
        var index = bytes.startIndex + 3
        while index < bytes.endIndex {
            if bytes[index] == 10, bytes[index - 1] == 13, bytes[index - 2] == 10 { return index + 1 }
            index += 1
        }
        return nil
    }
}
