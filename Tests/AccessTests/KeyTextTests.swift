import Testing

@testable import Access

/// The text of a key, and what is stored of it.
@Suite("Key text")
struct KeyTextTests {
    @Test("CRC32 gives the check value of its catalogue")
    func checksum() {
        #expect(CRC32.checksum(of: Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.checksum(of: []) == 0)
    }

    @Test("base62 writes numbers with exactly as many digits as asked for")
    func base62() {
        #expect(Base62.text(of: [0], count: 2) == Array("00".utf8))
        #expect(Base62.text(of: [61], count: 2) == Array("0z".utf8))
        #expect(Base62.text(of: [62], count: 2) == Array("10".utf8))
        #expect(Base62.text(of: [255, 255, 255, 255], count: 6) == Array("4gfFC3".utf8))
    }

    @Test("a key is prc_, 27 digits and a checksum, for the smallest and the largest random number too")
    func make() {
        for byte in [0, 1, 127, 255] as [UInt8] {
            let text = KeyText.make(from: Array(repeating: byte, count: KeyText.randomCount))
            #expect(text.wholeMatch(of: /prc_[0-9A-Za-z]{33}/) != nil, "\(text)")
            #expect(KeyText.isWellFormed(text))
        }
    }

    @Test("any other digit, a missing one, one more or another prefix is found without asking anybody")
    func typingErrors() {
        let text = KeyText.make(from: (0..<20).map { UInt8($0 * 11) })
        let digits = Array(text.utf8)
        for place in digits.indices {
            var other = digits
            other[place] = other[place] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
            #expect(!KeyText.isWellFormed(String(decoding: other, as: UTF8.self)), "place \(place)")
        }
        for other in ["", "prc_", String(text.dropLast()), text + "0", " \(text)", text.uppercased(), "prc_é"] {
            #expect(!KeyText.isWellFormed(other), "\(other)")
        }
    }

    @Test("the hash is SHA-256 of the whole text")
    func hash() {
        let hex = KeyText.hash(of: "abc").map { String($0, radix: 16) }.joined()
        #expect(hex == "ba7816bf8f1cfea414140de5dae2223b0361a396177a9cb410ff61f2015ad")
    }
}
