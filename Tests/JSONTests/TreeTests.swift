import JSON
import Testing

@Suite("Trees")
struct TreeTests {
    @Test("a tree is built from literals and read by name and position")
    func literals() {
        let value: JSONValue = ["a": [1, "x", nil, true], "b": ["c": -5]]
        #expect(value["a"]?[0]?.int64Value == 1)
        #expect(value["a"]?[1]?.stringValue == "x")
        #expect(value["a"]?[2]?.isNull == true)
        #expect(value["a"]?[3]?.boolValue == true)
        #expect(value["a"]?[4] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["a"]?["x"] == nil)
        #expect(value["b"]?["c"]?.int64Value == -5)
        #expect(value["c"] == nil)
        #expect(value[0] == nil)
        #expect(value["a"]?.arrayValue?.count == 4)
        #expect(value.objectValue?.count == 2)
        #expect(value.text == #"{"a":[1,"x",null,true],"b":{"c":-5}}"#)
    }

    @Test("equality ignores the order of members and nothing else")
    func equality() {
        #expect(["a": 1, "b": [1, 2]] as JSONValue == ["b": [1, 2], "a": 1])
        #expect(["a": 1] as JSONValue != ["a": 1, "b": nil])
        #expect([1, 2] as JSONValue != [2, 1])
        #expect(JSONValue.string("é") != .string("e\u{301}"))
        #expect(JSONValue.null != false)
        #expect(JSONValue.string("1") != 1)
    }

    @Test("members keep their order when set, replaced and removed", arguments: [3, 16, 17, 40])
    func members(count: Int) {
        var object = JSONObject()
        for number in 0..<count { object["n\(number)"] = .number(JSONNumber(number)) }
        object["n1"] = "replaced"
        #expect(object.members.map(\.name) == (0..<count).map { "n\($0)" })
        #expect(object["n1"] == "replaced")
        object["n0"] = nil
        object["unknown"] = nil
        object["last"] = true
        #expect(object["n0"] == nil)
        #expect(object.members.map(\.name) == (1..<count).map { "n\($0)" } + ["last"])
        for member in object { #expect(object[member.name] == member.value) }
        #expect(object.count == count)
        #expect(JSONObject(uniqueMembers: object.members.reversed()) == object)
    }

    @Test("names are compared scalar by scalar in objects of every size", arguments: [0, 30])
    func names(others: Int) {
        var object = JSONObject()
        for number in 0..<others { object["n\(number)"] = .null }
        object["é"] = 1
        object["e\u{301}"] = 2
        #expect(object.count == others + 2)
        #expect(object["é"] == 1)
        #expect(object["e\u{301}"] == 2)
    }

    @Test("text for people is indented and reads as the same value")
    func pretty() throws {
        let value: JSONValue = ["a": [1, [:]], "b": [], "c": ["\"": nil]]
        #expect(
            value.prettyText == """
                {
                  "a": [
                    1,
                    {}
                  ],
                  "b": [],
                  "c": {
                    "\\"": null
                  }
                }
                """)
        #expect(try JSONValue(parsing: value.prettyText) == value)
    }
}
