import Engine
import Testing

@testable import Webhooks

@Suite("The engine's signal")
struct RelayWakeUpTests {
    private let mailbox = Mailbox<RelayMessage>(limit: .max)

    @Test("however often it comes, it is one message until it is taken")
    func once() {
        let wakeUp = RelayWakeUp(mailbox)
        for number in 0..<100 { wakeUp.signal(endpointsChanged: number == 50) }
        #expect(mailbox.count == 1)
        #expect(wakeUp.take())
        #expect(!wakeUp.take())
        wakeUp.signal(endpointsChanged: false)
        #expect(mailbox.count == 2)
        #expect(!wakeUp.take())
    }

    @Test("a change of endpoints closes every claim made before it, although nobody has heard of it yet")
    func gates() {
        let wakeUp = RelayWakeUp(mailbox)
        let early = wakeUp.makeGate(changes: wakeUp.changeCount)
        wakeUp.signal(endpointsChanged: false)
        #expect(early.isOpen)
        let known = wakeUp.changeCount
        wakeUp.signal(endpointsChanged: true)
        #expect(!early.isOpen)
        // Made by what was known before the change.
        #expect(!wakeUp.makeGate(changes: known).isOpen)
        let late = wakeUp.makeGate(changes: wakeUp.changeCount)
        #expect(late.isOpen)
        late.close()
        #expect(!late.isOpen)
    }
}
