import Foundation
import Testing

/// A definition is stored with every default written in, and read again from that.
@Suite("A definition that grows beyond the bound by its defaults")
struct LongDefinitionTests {
    @Test("is refused with that reason, by validate and by PUT alike")
    func isRefused() throws {
        try Samples.withFolder { folder in
            let states = (0..<200).map { number in
                "\"S\(number)\":{\"on\":{\"N\":{\"to\":\"S\((number + 1) % 200)\"}}}"
            }
            // Just below the bound, so that what is written in goes beyond it.
            let head =
                #"{"name":"x","events":{"N":{"key":"event.data.k","route":"start"}},"initial":"S0","description":""#
            let rest = #"","states":{"# + states.joined(separator: ",") + "}}"
            let text = head + String(repeating: "x", count: 256 * 1024 - 100 - head.count - rest.count) + rest
            #expect(text.utf8.count < 256 * 1024)
            try text.write(toFile: "\(folder)/x.json", atomically: true, encoding: .utf8)
            let (status, output) = try ServiceProcess.run(ServiceProcess.command(["validate", "\(folder)/x.json"]))
            #expect(status == 1)
            #expect(output.contains("fault: /: with all defaults, as it is stored, it has"), "\(output)")
            let service = ServiceProcess(in: folder)
            try service.start()
            let answer = try SocketClient.call(service.port, "PUT", "/definitions/x", Array(text.utf8))
            #expect(answer.status == 422, "\(answer)")
            #expect(service.stop() == 0)
        }
    }
}
