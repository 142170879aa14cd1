import Crypto
import EventSourcing
import ProcessManagement

/// Fencing tokens of leases: `<lease number>-<HMAC>`.
///
/// A token is made from the store's secret, the task and the lease number, so that it need not be stored, cannot be
/// guessed, and is good for one lease only.
struct LeaseTokens {
    /// With the key taken in already; a copy goes on from there.
    private let keyed: HMAC<SHA256>

    init(secret: [UInt8]) {
        keyed = HMAC<SHA256>(key: SymmetricKey(data: secret))
    }

    func token(for taskID: TaskID, lease: Int64) -> String {
        var message: [UInt8] = []
        message.reserveCapacity(24)
        for word in [taskID.high, taskID.low, UInt64(bitPattern: lease)] {
            for shift in stride(from: 56, through: 0, by: -8) {
                message.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        var mac = keyed
        mac.update(data: message)
        var text = Array("\(lease)-".utf8)
        mac.finalize().withUnsafeBytes { code in
            // 128 of 256 bits are plenty against guessing online, and keep the token short.
            for byte in code.prefix(16) {
                text.append(Self.digit(byte >> 4))
                text.append(Self.digit(byte & 0xF))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Which lease of the task the token is for; nil for a token that was never given out.
    func lease(of token: String, for taskID: TaskID) -> Int64? {
        guard let dash = token.utf8.firstIndex(of: UInt8(ascii: "-")), let lease = Int64(token[..<dash]) else {
            return nil
        }
        return isEqual(token, self.token(for: taskID, lease: lease)) ? lease : nil
    }

    /// Takes the same time wherever the texts differ.
    private func isEqual(_ left: String, _ right: String) -> Bool {
        var (left, right) = (left, right)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                guard left.count == right.count else { return false }
                var difference: UInt8 = 0
                for index in left.indices { difference |= left[index] ^ right[index] }
                return difference == 0
            }
        }
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
