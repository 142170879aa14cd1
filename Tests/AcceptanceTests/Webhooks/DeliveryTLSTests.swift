import Foundation
import JSON
import Testing

/// A certificate for `localhost`, signed by an authority that nobody else knows.
struct TestCertificate {
    let authority: String
    let certificate: String
    let key: String

    /// Made anew, in `folder`, by the program `openssl`.
    init(in folder: String) throws {
        (authority, certificate, key) = ("\(folder)/authority.pem", "\(folder)/leaf.pem", "\(folder)/leaf.key")
        let script = """
            set -e
            cd "\(folder)"
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout authority.key -out authority.pem
            openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout leaf.key -out leaf.csr
            printf 'subjectAltName=DNS:localhost\\nbasicConstraints=CA:FALSE\\n' > leaf.ext
            openssl x509 -req -in leaf.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \\
                -extfile leaf.ext -out leaf.pem
            """
        let made = try ServiceProcess.run(
            ServiceProcess.command(["-c", script], of: URL(fileURLWithPath: "/bin/sh")))
        guard made.status == 0 else { throw Receiver.Failure(message: made.output) }
    }
}

@Suite("Webhooks: TLS", .timeLimit(.minutes(3)))
struct DeliveryTLSTests {
    @Test("a receiver whose authority was added is trusted, by its name and by no other")
    func added() throws {
        try Samples.withFolder { folder in
            let certificate = try TestCertificate(in: folder)
            let desk = try WebhookDesk(certificate: certificate, authorities: certificate.authority)
            let trusted = try desk.register("/ok", host: "localhost")
            let misnamed = try desk.register("/misnamed")
            try desk.move("p1")
            #expect(try desk.receiver.next().verified == [true])
            #expect(try desk.delivery(of: trusted) { $0["status"] != "pending" }["status"] == "delivered")
            let refused = try desk.delivery(of: misnamed) { $0["attempt_count"] == 1 }
            #expect(refused["attempts"]?[0]?["error"] == "tls")
        }
    }

    @Test("a receiver of an unknown authority gets nothing")
    func unknown() throws {
        try Samples.withFolder { folder in
            let desk = try WebhookDesk(certificate: try TestCertificate(in: folder))
            let webhook = try desk.register("/ok", host: "localhost")
            try desk.move("p1")
            let refused = try desk.delivery(of: webhook) { $0["attempt_count"] == 1 }
            #expect(refused["attempts"]?[0]?["error"] == "tls")
        }
    }

    @Test("with a receiver that offers HTTP/2 it is spoken, one request after the other over one connection")
    func http2() throws {
        try Samples.withFolder { folder in
            let certificate = try TestCertificate(in: folder)
            let desk = try WebhookDesk(
                certificate: certificate, authorities: certificate.authority, offersHTTP2: true)
            let webhook = try desk.register("/ok", host: "localhost")
            try desk.move("p1")
            let first = try desk.receiver.next()
            let delivery = try desk.delivery(of: webhook) { $0["status"] != "pending" }
            #expect(delivery["status"] == "delivered")
            #expect(delivery["attempts"]?[0]?["status"] == 204)
            try desk.post("ParcelMoved", ["id": "p1", "n": 1])
            let second = try desk.receiver.next()
            #expect(first.record["protocol"] == "h2")
            #expect(first.body["data"]?["payload"] == ["n": 0])
            #expect(second.body["data"]?["payload"] == ["n": 1])
            #expect(second.record["connection"] == first.record["connection"])
            #expect(second.record["stream"] != first.record["stream"])
        }
    }
}
