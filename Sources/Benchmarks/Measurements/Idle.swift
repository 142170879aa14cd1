import ArgumentParser
import Glibc

/// What waiting costs.
struct Idle: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "Processor time with waiting processes and open long polls.")

    @Option(help: "Seconds of the measurement.")
    var seconds = 20
    @Option(help: "Processes that wait, each with a timer of an hour.")
    var processes = 1000
    @Option(help: "Open long polls.")
    var polls = 20

    func run() throws {
        let service = try ServiceUnderTest()
        try service.start(processes: processes) { Requests.reminder($0) }
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        for poll in 0..<polls {
            let socket = try Sockets.connect(port: service.port)
            try Sockets.send(Requests.get("/tasks?type=nothing&worker=w\(poll)&wait=60s"), to: socket)
            sockets.append(socket)
        }
        sleep(2)
        let before = try service.processorTime()
        sleep(UInt32(seconds))
        let used = try service.processorTime() - before
        print(
            """
            idle with \(processes) waiting processes and \(polls) long polls: \
            \(Spread.rounded(used / Double(seconds) * 100, 2)) % of a core, \
            \(Spread.rounded(try service.residentMegabytes(), 1)) MB resident
            """)
    }
}
