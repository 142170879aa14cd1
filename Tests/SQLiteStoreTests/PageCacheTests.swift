import CSQLite
import Testing

@testable import SQLiteStore

/// What SQLite asks of a page cache (https://sqlite.org/c3ref/pcache_methods2.html), for the numbers that change places.
@Suite("SQLite: the page cache")
struct PageCacheTests {
    private let methods: sqlite3_pcache_methods2
    private let store: SQLiteStore
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        // So that SQLite is in use, with this cache.
        store = try SQLiteStore(path: directory.file())
        methods = try #require(PageCache.methods)
    }

    private func withCache(_ body: (OpaquePointer) throws -> Void) throws {
        let cache = try #require(methods.xCreate(4096, 64, 1))
        methods.xCachesize(cache, 100)
        try body(cache)
        methods.xDestroy(cache)
    }

    private func put(_ content: UInt64, _ number: UInt32, _ cache: OpaquePointer) throws {
        let page = try #require(methods.xFetch(cache, number, 2))
        page.pointee.pBuf.storeBytes(of: content, as: UInt64.self)
        methods.xUnpin(cache, page, 0)
    }

    private func content(_ number: UInt32, _ cache: OpaquePointer) -> UInt64? {
        guard let page = methods.xFetch(cache, number, 0) else { return nil }
        defer { methods.xUnpin(cache, page, 0) }
        return page.pointee.pBuf.load(as: UInt64.self)
    }

    @Test("it is the cache of all connections")
    func isInUse() { #expect(PageCache.isInUse) }

    @Test(
        "every number has its own page",
        arguments: [PageCache.swapped - 1, PageCache.swapped, PageCache.swapped + 1])
    func finds(number: UInt32) throws {
        try withCache { cache in
            try put(1, 1, cache)
            #expect(content(number, cache) == nil)
            try put(7, number, cache)
            #expect(content(number, cache) == 7)
            #expect(content(1, cache) == 1)
            #expect(methods.xPagecount(cache) == 2)
        }
    }

    @Test("a page goes by way of the lock byte's number to another one, as when a b-tree sorts new pages")
    func swaps() throws {
        try withCache { cache in
            try put(5, 5, cache)
            try put(6, 6, cache)
            let five = try #require(methods.xFetch(cache, 5, 0))
            let six = try #require(methods.xFetch(cache, 6, 0))
            methods.xRekey(cache, five, 5, PageCache.swapped)
            methods.xRekey(cache, six, 6, 5)
            methods.xRekey(cache, five, PageCache.swapped, 6)
            methods.xUnpin(cache, five, 0)
            methods.xUnpin(cache, six, 0)
            methods.xTruncate(cache, 7)
            #expect(content(5, cache) == 6)
            #expect(content(6, cache) == 5)
            #expect(content(PageCache.swapped, cache) == nil)
        }
    }

    @Test(
        "pages from a limit on are dropped, whatever their number",
        arguments: [2, PageCache.swapped - 1, PageCache.swapped, PageCache.swapped + 1, PageCache.swapped + 2])
    func truncates(limit: UInt32) throws {
        try withCache { cache in
            let numbers = [1, PageCache.swapped - 1, PageCache.swapped, PageCache.swapped + 1]
            for number in numbers { try put(UInt64(number), number, cache) }
            methods.xTruncate(cache, limit)
            for number in numbers { #expect(content(number, cache) == (number < limit ? UInt64(number) : nil)) }
        }
    }
}
