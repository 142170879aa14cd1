import Testing

@testable import Diagrams

@Suite("Mermaid")
struct MermaidTests {
    @Test("A small definition comes out as written by hand")
    func small() throws {
        let graph = try Samples.graph("docs/examples/definitions/rebase-failure.json")
        #expect(
            graph.mermaid() == """
                ---
                title: "rebase-failure"
                ---
                stateDiagram-v2
                    direction TB
                    state "instance, one per event.data.instance_ids" as instance {
                        direction TB
                        state "Working" as instance_Working
                        state "Closing" as instance_Closing
                        instance_Closing : task CloseInstance
                        state "Closed" as instance_Closed
                        state "Cancelled" as instance_end_cancel
                        [*] --> instance_Working : RebaseFailed
                        instance_Working --> instance_Closing : RebaseFailed
                        instance_Closing --> instance_Closed : completed
                        instance_Closing --> instance_end_cancel : failed
                        instance_Closed --> [*]
                        instance_end_cancel --> [*]
                    }
                    classDef cancel fill:#f7ecd0,color:#1c2128
                    class instance_end_cancel cancel

                """)
    }

    @Test(
        "What means something to Mermaid, Markdown or HTML is written as an entity",
        arguments: [
            ("a:b;c", "a#58;b#59;c"), ("\"x\"", "#34;x#34;"), ("<b>", "#60;b#62;"), ("{ }", "#123; #125;"),
            ("100%%", "100#37;#37;"), ("a --> b", "a #45;#45;#62; b"), ("#9;", "#35;9#59;"), ("a\nb", "a b"),
            ("`*_", "#96;#42;_"), ("größer ≥", "größer ≥"), ("\u{85}x\u{9F}", "x\u{FFFD}"),
        ])
    func escaping(text: String, escaped: String) {
        #expect(MermaidText.escaped(text) == escaped)
    }

    @Test("The title is a string of YAML")
    func title() {
        #expect(MermaidText.quoted(#"a "b" \ c: #1"#) == #""a \"b\" \\ c: #1""#)
        #expect(MermaidText.quoted("a\n---\u{80}") == "\"a ---\u{FFFD}\"")
    }

    @Test("Ids are no words of Mermaid and are given once, whatever the case")
    func names() {
        var names = MermaidNames()
        #expect(names.unique("end") == "end_2")
        #expect(names.unique("State") == "State_2")
        #expect(names.unique("in-transit") == "in_transit")
        #expect(names.unique("in_transit") == "in_transit_2")
        #expect(names.unique("IN_TRANSIT") == "IN_TRANSIT_3")
        #expect(names.unique("Paid") == "Paid")
    }

    @Test("Every line of every sample has one of the forms that the syntax knows")
    func forms() throws {
        let id = "[A-Za-z][A-Za-z0-9_]*"
        let text = "[^\"\n;:#{}<>]*(#[0-9]+;[^\"\n;:#{}<>]*)*"
        let forms = try [
            "state \"\(text)\" as \(id)( \\{)?", "\\}", "\(id) : \(text)", "direction TB",
            "(\(id)|\\[\\*\\]) --> (\(id)|\\[\\*\\])( : \(text))?", "classDef [a-z]+ [a-z0-9:,#-]+",
            "class \(id) [a-z]+",
        ].map { try Regex("^ +\($0)$") }
        var lines = 0
        for sample in try Samples.all() {
            let diagram = sample.graph.mermaid().split(separator: "\n")
            #expect(diagram[3] == "stateDiagram-v2")
            for line in diagram.dropFirst(4) {
                lines += 1
                let hasForm = try forms.contains { try $0.wholeMatch(in: line) != nil || String(line) == "    }" }
                #expect(hasForm, "\(sample.name): \(line)")
            }
        }
        #expect(lines > 300)
    }
}
