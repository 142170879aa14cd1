/// Posts events, each with a number of its own.
struct Poster: Client {
    var number: Int
    let stride: Int
    /// How many it posts; the generator's time may end it before.
    var limit = Int.max
    let body: (Int) -> String

    static func many(_ count: Int, from first: Int, limit: Int = .max, body: @escaping (Int) -> String) -> [Poster] {
        (0..<count).map { Poster(number: first + $0, stride: count, limit: limit, body: body) }
    }

    mutating func next() -> [UInt8]? {
        guard limit > 0 else { return nil }
        limit -= 1
        defer { number += stride }
        let body = body(number)
        return Requests.post(
            "/events", body, as: body.hasPrefix("[") ? "application/cloudevents-batch+json" : "application/json")
    }

    func received(_ answer: Answer) throws {
        guard answer.status == 200 else { throw BenchmarkError("POST /events: \(answer.text)") }
    }
}

/// Claims tasks, many at a time, and posts an outcome for each, all in one request or each in its own.
struct Worker: Client {
    let name: String
    let claims: Int
    let batches: Bool
    private(set) var done = 0
    private var held: [(task: String, token: String)] = []
    private var isClaiming = false
    private var posted = 0

    init(name: String, claims: Int, batches: Bool) {
        self.name = name
        self.claims = claims
        self.batches = batches
    }

    mutating func next() -> [UInt8]? {
        isClaiming = held.isEmpty
        if isClaiming {
            return Requests.get("/tasks?type=do-work&limit=\(claims)&worker=\(name)&wait=1s")
        }
        if batches {
            posted = held.count
            let items = held.map {
                "{\"task_id\":\"\($0.task)\",\"lease_token\":\"\($0.token)\",\"outcome\":\"completed\",\"result\":{\"ok\":true}}"
            }
            held = []
            return Requests.post("/tasks/outcomes", "{\"outcomes\":[\(items.joined(separator: ","))]}")
        }
        let item = held.removeLast()
        posted = 1
        return Requests.post(
            "/tasks/\(item.task)/outcome",
            "{\"lease_token\":\"\(item.token)\",\"outcome\":\"completed\",\"result\":{\"ok\":true}}")
    }

    mutating func received(_ answer: Answer) throws {
        guard answer.status == 200 else { throw BenchmarkError("worker: \(answer.text)") }
        if isClaiming {
            held = Array(zip(answer.values(of: "task_id"), answer.values(of: "token")))
        } else {
            if answer.text.contains("\"problem\"") { throw BenchmarkError("worker: \(answer.text)") }
            done += posted
        }
    }
}
