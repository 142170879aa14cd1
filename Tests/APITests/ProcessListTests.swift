import Chrono
import Engine
import EventSourcing
import ProcessManagement
import Testing

@testable import API

/// How far one page of a list looks.
@Suite("Process lists")
struct ProcessListTests {
    private let store = InMemoryProcessStore()

    /// Every tenth is of the definition `rare`.
    private func fill(_ count: Int) throws -> any ProcessReader {
        try store.begin()
        for number in 1...count {
            _ = try store.insertProcess(
                ProcessRow(
                    id: UniqueID(name: "\(number)"), tenant: "acme", definition: number % 10 == 0 ? "rare" : "usual",
                    definitionVersion: 1, key: "k\(number)", status: .running, suspended: false, version: 0,
                    incidents: 0,
                    startedAt: Instant(milliseconds: 0), updatedAt: Instant(milliseconds: 0), endedAt: nil))
        }
        try store.commit()
        return try store.makeReader()
    }

    private func list(
        _ definition: String?, limit: Int = 5, state: String? = nil, before: RowHandle? = nil
    ) -> ProcessList {
        var query = ProcessQuery(tenant: "acme", limit: limit)
        query.definition = definition
        query.before = before
        var list = ProcessList(query: query, state: state)
        list.rowLimit = 40
        list.stateLimit = 12
        return list
    }

    @Test("a filter that nothing matches ends each page at its bound, says so, and comes to an end")
    func nothingMatches() throws {
        let reader = try fill(100)
        var before: RowHandle?
        var partial: [Bool] = []
        repeat {
            let page = try list("none", before: before).page(from: reader)
            #expect(page.processes.isEmpty)
            #expect(page.isPartial == (page.next != nil))
            partial.append(page.isPartial)
            before = page.next
        } while before != nil && partial.count < 10
        #expect(partial == [true, true, false])
    }

    @Test(
        "no process is left out and none comes twice, with partial pages and with full ones", arguments: [1, 2, 5, 50])
    func everything(limit: Int) throws {
        let reader = try fill(100)
        for definition in ["rare", nil] {
            var keys: [String] = []
            var before: RowHandle?
            repeat {
                let page = try list(definition, limit: limit, before: before).page(from: reader)
                #expect(page.processes.count <= limit)
                keys += page.processes.map(\.key)
                before = page.next
            } while before != nil && keys.count <= 100
            let all = (1...100).reversed().filter { definition == nil || $0 % 10 == 0 }.map { "k\($0)" }
            #expect(keys == all)
        }
    }

    @Test("with a state, a page folds no more streams than its bound")
    func states() throws {
        let reader = try fill(30)
        let first = try list(nil, state: "Nowhere").page(from: reader)
        #expect(first.isPartial && first.processes.isEmpty)
        let second = try list(nil, state: "Nowhere", before: first.next).page(from: reader)
        #expect(second.isPartial)
        let third = try list(nil, state: "Nowhere", before: second.next).page(from: reader)
        #expect(!third.isPartial && third.next == nil)
    }

    @Test("a full page is not partial, and a last page has no cursor")
    func full() throws {
        let reader = try fill(6)
        let page = try list(nil).page(from: reader)
        #expect(page.processes.count == 5 && !page.isPartial && page.next != nil)
        let last = try list(nil, before: page.next).page(from: reader)
        #expect(last.processes.count == 1 && !last.isPartial && last.next == nil)
    }
}
