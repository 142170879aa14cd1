import Access
import Chrono
import Engine
import EventSourcing
import Testing

/// Who is let in by a key.
@Suite("Gate")
struct GateTests {
    @Test("without a key everybody is let in; from the first key on, nobody without one, even when it is revoked")
    func opensAndCloses() {
        let door = Door()
        #expect(door.gate.isOpen)
        #expect(door.gate.admit(authorization: nil, from: "") == .admitted(.anybody))
        #expect(door.admit("nonsense") == .admitted(.anybody))
        let key = door.add(scopes: [.read, .operate], tenant: "acme")
        #expect(!door.gate.isOpen)
        #expect(door.gate.admit(authorization: nil, from: "") == .missing)
        let caller = Caller(name: "shop", tenant: "acme", scopes: [.read, .operate], keyID: key.id)
        #expect(door.admit(key.secret) == .admitted(caller))
        door.change { $0[0].revokedAt = door.now }
        #expect(!door.gate.isOpen)
        #expect(door.admit(key.secret) == .invalid)
        #expect(door.gate.admit(authorization: nil, from: "") == .missing)
    }

    @Test("unknown, expired and revoked keys are the same to who shows them")
    func refusals() {
        let door = Door()
        let lasting = door.add("a")
        let revoked = door.add("b")
        let ending = door.add("c", expiresAt: Door.start + .hours(1))
        let unknown = Door().add().secret + ""
        door.change { $0[1].revokedAt = door.now }
        #expect(door.admit(ending.secret) != .invalid)
        door.advance(.hours(1))
        #expect(door.admit(ending.secret) == .invalid)
        #expect(door.admit(revoked.secret) == .invalid)
        #expect(door.admit(KeyText.make(from: Array(repeating: 9, count: 20))) == .invalid)
        #expect(door.admit(unknown + "x") == .invalid)
        #expect(door.admit(lasting.secret) != .invalid)
    }

    @Test("the scheme is Bearer in any case, and one space or more stand before the key")
    func scheme() {
        let door = Door()
        let key = door.add().secret
        for value in ["Bearer \(key)", "bearer \(key)", "BEARER   \(key)"] {
            guard case .admitted = door.gate.admit(authorization: value, from: "") else {
                Issue.record("\(value.prefix(9)) is refused")
                continue
            }
        }
        for value in [key, "Basic \(key)", "Bearer", "Bearer ", "Bearer\(key)", ""] {
            #expect(door.gate.admit(authorization: value, from: "") == .missing, "\(value.prefix(9))")
        }
        #expect(door.gate.admit(authorization: "Bearer \(key), Bearer \(key)", from: "") == .invalid)
    }

    @Test("the use of a key is handed over to be stored once a minute, over changes of the keys too")
    func notesUse() {
        let door = Door()
        let key = door.add()
        for _ in 0..<5 { _ = door.admit(key.secret) }
        #expect(door.uses == [key.id])
        door.advance(.seconds(59))
        _ = door.add("other")
        _ = door.admit(key.secret)
        #expect(door.uses == [key.id])
        door.advance(.seconds(1))
        _ = door.admit(key.secret)
        #expect(door.uses == [key.id, key.id])
    }

    @Test("who was let in is not let in any more once the key is revoked or has expired")
    func stillAdmits() {
        let door = Door()
        #expect(door.gate.stillAdmits(.anybody))
        let key = door.add(expiresAt: Door.start + .hours(2))
        #expect(!door.gate.stillAdmits(.anybody))
        guard case .admitted(let caller) = door.admit(key.secret) else { return #expect(Bool(false)) }
        #expect(door.gate.stillAdmits(caller))
        door.advance(.hours(2))
        #expect(!door.gate.stillAdmits(caller))
        door.change { $0[0].expiresAt = nil }
        #expect(door.gate.stillAdmits(caller))
        door.change { $0[0].revokedAt = door.now }
        #expect(!door.gate.stillAdmits(caller))
    }

    @Test("ten failures from one address are answered as such, further ones have to wait; others and valid keys do not")
    func limitsFailures() {
        let door = Door()
        let key = door.add().secret
        for _ in 0..<10 { #expect(door.admit("prc_wrong") == .invalid) }
        #expect(door.admit("prc_wrong") == .tooManyFailures(retryAfter: .seconds(6)))
        #expect(door.admit("a.b.c") == .tooManyFailures(retryAfter: .seconds(6)))
        #expect(door.admit("prc_wrong", from: "192.0.2.2") == .invalid)
        guard case .admitted = door.admit(key) else { return #expect(Bool(false), "a valid key is locked out") }
        door.advance(.seconds(4))
        #expect(door.admit("prc_wrong") == .tooManyFailures(retryAfter: .seconds(2)))
        door.advance(.seconds(2))
        #expect(door.admit("prc_wrong") == .invalid)
        #expect(door.admit("prc_wrong") == .tooManyFailures(retryAfter: .seconds(6)))
        door.advance(.hours(1))
        for _ in 0..<10 { #expect(door.admit("prc_wrong") == .invalid) }
        #expect(door.admit("prc_wrong") != .invalid)
    }
}
