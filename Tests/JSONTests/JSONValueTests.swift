import JSON
import Testing

@Suite("JSON trees")
struct JSONValueTests {
    @Test("a tree is built from literals and read by name and position")
    func literals() {
        let value: JSONValue = ["a": [1, "x", nil, true], "b": ["c": -5]]
        #expect(value["a"]?[0]?.int64Value == 1)
        #expect(value["a"]?[1]?.stringValue == "x")
        #expect(value["a"]?[2]?.isNull == true)
        #expect(value["a"]?[3]?.boolValue == true)
        #expect(value["a"]?[4] == nil)
        #expect(value["b"]?["c"]?.int64Value == -5)
        #expect(value["c"] == nil)
        #expect(value.text == #"{"a":[1,"x",null,true],"b":{"c":-5}}"#)
    }
}
