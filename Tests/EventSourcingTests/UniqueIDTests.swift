import EventSourcing
import Foundation
import Testing

@Suite("Unique ids")
struct UniqueIDTests {
    /// RFC 9562 section 6.6.
    static let dns = UniqueID("6ba7b810-9dad-11d1-80b4-00c04fd430c8") ?? UniqueID(high: 0, low: 0)

    @Test("version 5 gives the published example (RFC 9562 appendix A.4)")
    func publishedVector() {
        #expect(UniqueID(name: "www.example.com", in: Self.dns).description == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    }

    // Computed with another implementation (Python's uuid.uuid5), at the lengths where SHA-1's padding changes: with the
    // 16 bytes of the namespace, 39 bytes fill a block with its padding, 40 need another, 48 fill one without.
    @Test(
        "version 5 agrees with another implementation at every length of padding",
        arguments: [
            (0, "45298980-c282-55d5-91e1-bab15a6a3f8e"),
            (1, "28ec4fe8-8b01-59e3-b6f5-984bcdccf561"),
            (39, "7dc05591-74b1-5c26-a8a7-73c3b34e31c5"),
            (40, "d2aa355f-b8ae-5bb7-b533-e91443b52f18"),
            (47, "40365a3f-05ef-5bd6-83f9-3025d7109b5c"),
            (48, "9e9d378a-277e-5db9-9964-b06d18ec9e86"),
            (49, "a80c5d7c-decb-58b7-8f03-653e66f83762"),
            (103, "9d8c66de-c123-503d-81a7-740f8287d7e8"),
            (104, "47c86ead-9cbb-5fca-bacc-f791519cff60"),
            (112, "21c60da4-115f-5cdd-8862-ece330618319"),
            (1000, "cefc17f7-580c-5e67-a6f0-8b208d640b2f"),
        ])
    func lengths(_ length: Int, _ expected: String) {
        let id = UniqueID(name: String(repeating: "x", count: length))
        #expect(id.description == expected)
        #expect(id.high >> 12 & 0xF == 5)
        #expect(id.low >> 62 == 0b10)
    }

    @Test("names beyond ASCII are hashed as UTF-8")
    func unicode() {
        #expect(UniqueID(name: "größe ☃ 😀").description == "b8cae78e-2803-5124-b971-bec8c0048532")
        #expect(UniqueID(name: Array("größe".utf8)) == UniqueID(name: "größe"))
    }

    @Test("the name, the namespace and nothing else make the id")
    func parts() {
        #expect(UniqueID(name: "a") == UniqueID(name: "a", in: .namespace))
        #expect(UniqueID(name: "a") != UniqueID(name: "b"))
        #expect(UniqueID(name: "a") != UniqueID(name: "a", in: Self.dns))
        #expect(UniqueID.namespace.description == "3a24a3ee-d33d-4266-93ab-7d8e256a6d44")
    }

    @Test("either case is read, lower case is written")
    func cases() throws {
        let lower = "2ed6657d-e927-568b-95e1-2665a8aea6a2"
        let upper = "2ED6657D-E927-568B-95E1-2665A8AEA6A2"
        let mixed = "2ed6657D-e927-568B-95E1-2665a8aEA6a2"
        for text in [lower, upper, mixed] {
            let id = try #require(UniqueID(text))
            #expect(id.description == lower)
            #expect(id.high == 0x2ed6_657d_e927_568b)
            #expect(id.low == 0x95e1_2665_a8ae_a6a2)
        }
        #expect(UUID(uuidString: lower)?.uuidString == upper)
    }

    @Test(
        "anything else is no id",
        arguments: [
            "", "2ed6657d", "2ed6657de927568b95e12665a8aea6a2", "{2ed6657d-e927-568b-95e1-2665a8aea6a2}",
            "2ed6657d-e927-568b-95e1-2665a8aea6a", "2ed6657d-e927-568b-95e1-2665a8aea6a22",
            "2ed6657d-e927-568b-95e1_2665a8aea6a2", "2ed6657-de927-568b-95e1-2665a8aea6a2",
            "2ed6657d-e927-568b-95e1-2665a8aea6ag", " 2ed6657d-e927-568b-95e1-2665a8aea6a2",
            "urn:uuid:2ed6657d-e927-568b-95e1-2665a8aea6a2", "２ed6657d-e927-568b-95e1-2665a8aea6a",
            "------------------------------------",
        ])
    func malformed(_ text: String) {
        #expect(UniqueID(text) == nil)
    }

    @Test("ids are ordered like their text")
    func order() {
        let ids = (0..<200).map { UniqueID(name: "\($0)") }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
        #expect(!(ids[0] < ids[0]))
    }

    @Test("reading what was written gives the id back")
    func roundTrip() {
        for id in (0..<500).map({ UniqueID(name: "round trip \($0)") }) + [UniqueID(high: 0, low: 0)] {
            #expect(UniqueID(id.description) == id)
            #expect(UniqueID(id.description.uppercased()) == id)
        }
        #expect(UniqueID(high: .max, low: .max).description == "ffffffff-ffff-ffff-ffff-ffffffffffff")
    }

    @Test("only the form in which ids are written is canonical: any other character at any place is refused")
    func canonical() throws {
        let text = "0123abcd-ef45-5678-9abc-def012345679"
        let id = try #require(UniqueID(canonical: text))
        #expect(id == UniqueID(text))
        #expect(id.description == text)
        for place in text.indices {
            for other in ["/", ":", "@", "A", "F", "G", "`", "g", "j", "o", "p", "\u{7f}", " ", "_", "\0"] {
                var changed = text
                changed.replaceSubrange(place...place, with: other)
                #expect(UniqueID(canonical: changed) == nil, "\(changed)")
            }
        }
        #expect(UniqueID(canonical: text + "0") == nil)
        #expect(UniqueID(canonical: String(text.dropLast())) == nil)
        #expect(UniqueID(canonical: text.uppercased()) == nil)
    }
}
