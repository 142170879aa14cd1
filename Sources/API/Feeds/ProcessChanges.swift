import Engine
import EventSourcing
import HTTPServer
import ProcessManagement

extension ProcessList {
    /// Facts after which a process stands differently in the list.
    private static let changes = [
        "ProcessStarted", "ProcessSuspended", "ProcessResumed", "ProcessMigrated", "IncidentRaised",
        "IncidentResolved", "ProcessCancellationRequested", "CompensationStarted", "ProcessCompleted",
        "ProcessCancelled", "ProcessFailed",
    ]

    /// What changes for the processes of the list, by position. Each is shown as it is when it is read, once a page; one
    /// that does not meet the conditions then is left out.
    var changes: Feed {
        Feed(.position, member: "processes") { reader, place throws(HTTPProblem) in
            try reading { () throws(StoreError) in
                try reader.snapshot { () throws(StoreError) in try page(of: reader, after: place) }
            }
        }
    }

    private func page(of reader: any ProcessReader, after place: Int64) throws(StoreError) -> Feed.Page {
        let filter = EventFilter(types: Self.changes)
        let found = try reader.events(tenant: query.tenant, after: place, matching: filter, limit: query.limit)
        var items: [Feed.Item] = []
        var shown: Set<StreamID> = []
        // The last change of each counts.
        for record in found.events.reversed() where shown.insert(record.stream).inserted {
            guard let process = try reader.process(record.stream.id, tenant: query.tenant),
                record.stream == .process(process.row.id, of: process.row.definition),
                query.allows(process.row), try matches(process, reader)
            else { continue }
            items.append(Feed.Item(record: record, process: process.row))
        }
        return Feed.Page(items: items.reversed(), next: found.next)
    }
}
