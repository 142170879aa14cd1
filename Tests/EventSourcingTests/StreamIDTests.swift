import EventSourcing
import JSON
import Testing

@Suite("Stream ids")
struct StreamIDTests {
    let id = UniqueID(name: "some name")

    @Test("category and id together are the identity")
    func identity() {
        #expect(StreamID(category: "a", id: id) == StreamID(category: "a", id: id))
        #expect(StreamID(category: "a", id: id) != StreamID(category: "b", id: id))
        #expect(StreamID(category: "a", id: id) != StreamID(id: id))
        #expect(StreamID(category: "a", id: id) != StreamID(category: "A", id: id))
        #expect(StreamID(category: "a", id: id) != StreamID(category: "a", id: UniqueID(name: "other")))
        let streams: Set = [StreamID(category: "a", id: id), StreamID(id: id), StreamID(category: "", id: id)]
        #expect(streams.count == 2)
    }

    @Test("the empty category is none")
    func emptyCategory() {
        #expect(StreamID(category: "", id: id).category == nil)
        #expect(StreamID(category: "", id: id) == StreamID(id: id))
        #expect(StreamID(category: "", id: id).hashValue == StreamID(id: id).hashValue)
    }

    @Test("a name gives the version 5 id in our namespace, whatever the category")
    func names() {
        #expect(StreamID(category: "a", name: "some name").id == id)
        #expect(StreamID(category: "a", name: "some name") == StreamID(category: "a", id: id))
        #expect(StreamID(category: "a", name: "some name") != StreamID(category: "b", name: "some name"))
    }

    @Test("a name and an id must agree")
    func nameAndID() throws {
        #expect(try StreamID(category: "a", id: id, name: "some name") == StreamID(category: "a", id: id))
        let other = UniqueID(name: "other")
        #expect(throws: EventStoreError.nameAndIDDisagree(name: "some name", received: other, expected: id)) {
            try StreamID(category: "a", id: other, name: "some name")
        }
    }

    @Test("the text form is read back", arguments: ["order", "a-b", "a::b", "::", "å b", nil])
    func text(_ category: String?) {
        let stream = StreamID(category: category, id: id)
        #expect(StreamID(stream.description) == stream)
    }

    @Test("the text form is category, two colons, id")
    func form() {
        #expect(StreamID(category: "order", id: id).description == "order::\(id)")
        #expect(StreamID(id: id).description == "\(id)")
        #expect(StreamID("::\(id)") == StreamID(id: id))
        #expect(StreamID("order::\(id.description.uppercased())") == StreamID(category: "order", id: id))
    }

    @Test("anything else is no stream id", arguments: ["", "order", "order::", "order::x", "::", ":", "order:"])
    func malformed(_ text: String) {
        #expect(StreamID(text) == nil)
    }
}

@Suite("Event ids")
struct EventIDTests {
    static let lower = "2ed6657d-e927-568b-95e1-2665a8aea6a2"

    @Test("a lower-case UUID is kept as 16 bytes, and both forms are one id")
    func unique() throws {
        let id = try #require(UniqueID(Self.lower))
        #expect(EventID(Self.lower).form == .unique(id))
        #expect(EventID(Self.lower) == EventID(id))
        #expect(EventID(Self.lower).hashValue == EventID(id).hashValue)
    }

    @Test(
        "any other text stays as it is",
        arguments: [lower.uppercased(), "", "order-17", "☃", "2ed6657de927568b95e12665a8aea6a2", lower + " "])
    func text(_ text: String) {
        #expect(EventID(text).form == .text(ExactText(text)))
        #expect(EventID(text) != EventID(Self.lower))
    }

    @Test("every id comes back as it was sent", arguments: [lower, lower.uppercased(), "", "order-17", "é"])
    func description(_ text: String) {
        #expect(EventID(text).description == text)
    }
}
