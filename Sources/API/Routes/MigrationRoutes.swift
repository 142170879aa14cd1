import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement

extension ProcessionAPI {
    func migrateProcess(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let id = try processID(path)
        let body = try BodyReader(call.request)
        try body.allow(MigrationReader.members)
        let request = try MigrationReader(tenant: call.tenant, by: call.caller.name, body: body).request(
            named: try call.idempotencyKey(), options.makeID)
        ask(.migrate([id], request), call) { answer in
            guard case .migrated(let results) = answer, let result = results.first else { return nil }
            switch result {
            case .failure(let problem): return HTTPProblem(problem).response
            case .success(let receipt): return .answer { $0.migrated(receipt, isDryRun: request.dryRun) }
            }
        }
    }

    /// One page of the processes that are not there yet; the call is over when no `next` comes.
    func migrateProcesses(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let name = path["name"] ?? ""
        let body = try BodyReader(call.request)
        try body.allow(MigrationReader.members.union(MigrationReader.filters))
        let reader = MigrationReader(tenant: call.tenant, by: call.caller.name, body: body)
        let request = try reader.request(named: nil, options.makeID)
        let list = try reader.list(of: name, to: request.toVersion)
        read(call) { [self] reader throws(HTTPProblem) in
            let versions = try reading { () throws(StoreError) in try reader.definitions(named: name) }
            guard versions.contains(where: { $0.version == request.toVersion }) else {
                throw HTTPProblem(
                    Problem(.definitionNotFound, "there is no version \(request.toVersion) of '\(name)'"))
            }
            let page = try reading { () throws(StoreError) in try list.page(from: reader) }
            let migration = EngineRequest.migrate(page.processes.map(\.id), request)
            ask(audited(migration, call), call) { answer in
                guard case .migrated(let results) = answer else { return nil }
                return .answer { writer in
                    writer.beginObject()
                    writer.member("to_version", request.toVersion)
                    writer.member("dry_run", request.dryRun)
                    writer.name("processes")
                    writer.beginArray()
                    for (row, result) in zip(page.processes, results) {
                        writer.migration(of: row, result, isDryRun: request.dryRun)
                    }
                    writer.endArray()
                    if let next = page.next { writer.member("next", Cursor.text(next)) }
                    if page.isPartial { writer.member("partial", true) }
                    writer.endObject()
                }
            }
            return nil
        }
    }

    func deleteVersion(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let name = path["name"] ?? ""
        guard let version = Int(path["version"] ?? ""), String(version) == path["version"] else {
            throw HTTPProblem(Problem(.definitionNotFound, "there is no such version of '\(name)'"))
        }
        let request = VersionRequest(name: name, version: version)
        read(call) { [self] reader throws(HTTPProblem) in
            if try reading({ () throws(StoreError) in try Self.wasLeft(request, reader) }) {
                throw HTTPProblem(.versionInUse(request))
            }
            ask(audited(.deleteVersion(request), call), call) { answer in
                guard case .done = answer else { return nil }
                return .answer { writer in
                    writer.beginObject()
                    writer.member("name", name)
                    writer.member("version", version)
                    writer.member("deleted", true)
                    writer.endObject()
                }
            }
            return nil
        }
    }

    /// Whether a stored process, of whichever tenant, was migrated away from the version; only streams tell.
    private static func wasLeft(_ request: VersionRequest, _ reader: any ProcessReader) throws(StoreError) -> Bool {
        for tenant in try reader.tenants() where try wasLeft(request, in: tenant, reader) { return true }
        return false
    }

    private static func wasLeft(
        _ request: VersionRequest, in tenant: String, _ reader: any ProcessReader
    ) throws(StoreError) -> Bool {
        let filter = EventFilter(category: request.name, types: ["ProcessMigrated"])
        let last = try reader.lastPosition()
        var position: Int64 = 0
        while position < last {
            let page = try reader.events(tenant: tenant, after: position, matching: filter, limit: 1000)
            for record in page.events where record.event.source == nil {
                if record.event.data["from_version"]?.int64Value == Int64(request.version) { return true }
            }
            guard page.next > position else { return false }
            position = page.next
        }
        return false
    }
}

extension JSONWriter {
    /// The process as it is, or would be, and what the migration makes of it.
    fileprivate mutating func migrated(_ receipt: MigrationReceipt, isDryRun: Bool) {
        process(receipt.view.state, tasks: receipt.view.tasks) { writer in
            writer.member("dry_run", isDryRun)
            writer.member("migrated", receipt.migrated != nil)
            writer.changes(receipt)
        }
    }

    fileprivate mutating func migration(
        of row: ProcessRow, _ result: Result<MigrationReceipt, Problem>, isDryRun: Bool
    ) {
        beginObject()
        member("process_id", row.id.description)
        member("key", row.key)
        member("from_version", row.definitionVersion)
        switch result {
        case .success(let receipt):
            member("migrated", receipt.migrated != nil)
            changes(receipt)
        case .failure(let problem):
            member("migrated", false)
            name("problem")
            HTTPProblem(problem).write(to: &self)
        }
        endObject()
    }

    private mutating func changes(_ receipt: MigrationReceipt) {
        if let migrated = receipt.migrated {
            name("state_map")
            moves(migrated.moves)
            list("timers_kept", migrated.timersKept) { $0.value($1.timerID.description) }
            list("timers_dropped", migrated.timersDropped) { $0.value($1.description) }
        }
        list("would_plan", receipt.wouldPlan) { writer, next in
            writer.beginObject()
            writer.member("machine_id", next.machineID)
            writer.member("on", next.on)
            writer.member("task_type", next.taskType)
            writer.endObject()
        }
    }
}
