import Engine
import JSON

/// A task that is pushed to an endpoint instead of being asked for: the words are those of `/tasks`.
public enum PushedTask {
    /// The task as `GET /tasks` shows it.
    public static func json(_ task: ClaimedTask) -> [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        writer.claimed(task)
        return writer.finish()
    }

    /// Reads the body of an answer as `POST /tasks/{task_id}/outcome` reads its own, where the lease token may be left
    /// out; nil if it is no outcome.
    public static func outcome(_ body: [UInt8]) -> OutcomeRequest.Outcome? {
        do throws(HTTPProblem) {
            let view = try BodyReader.parse(body)
            guard view.kind == .object else { return nil }
            let reader = BodyReader(view, at: "")
            try reader.allow(BodyReader.outcomeMembers)
            return try reader.outcome()
        } catch {
            return nil
        }
    }
}
