import CSQLite

/// SQLite's own page cache, with one page number changed on its way in and out.
///
/// When SQLite splits a page of a b-tree, it puts the numbers of the new pages into order, and to swap two of them it uses
/// for a moment the number of a page that is never in the cache: that of the lock byte at 1 GiB
/// (https://sqlite.org/fileformat2.html#the_lock_byte_page; `balance_nonroot` in btree.c). The cache remembers the
/// highest number it has seen. As every commit drops the pages behind the end of the file, such a commit looks at each
/// page the cache holds: 0.3 ms for 64 MiB of them, in nearly every commit that splits a page, which is as long as the
/// flush of the disk takes.
///
/// Here that number and 0, which no page has, change places, so that the cache sees nothing behind the end. Whatever else
/// SQLite asks (https://sqlite.org/c3ref/pcache_methods2.html) goes to its own cache as it is.
enum PageCache {
    /// The number of the lock byte's page where pages have 4,096 bytes, as ours have. With other sizes it is a page like
    /// any other, and is found as one.
    static let swapped: UInt32 = 0x4000_0000 / 4096 + 1

    /// Asked before the first connection, it is made the cache of all connections. False if SQLite was in use before and
    /// goes on with its own.
    static let isInUse: Bool = {
        guard var methods else { return false }
        return procession_sqlite_set_page_cache(&methods) == SQLITE_OK
    }()

    /// None if SQLite was in use before.
    nonisolated(unsafe) static let methods: sqlite3_pcache_methods2? = {  // never changed
        guard procession_sqlite_get_page_cache(&own) == SQLITE_OK else { return nil }
        var methods = own
        methods.xFetch = { cache, number, creation in
            PageCache.own.xFetch(cache, PageCache.key(of: number), creation)
        }
        methods.xRekey = { cache, page, old, new in
            PageCache.own.xRekey(cache, page, PageCache.key(of: old), PageCache.key(of: new))
        }
        methods.xTruncate = { cache, limit in
            // The cache cannot know that its page 0 is behind the limit.
            if limit <= PageCache.swapped, let page = PageCache.own.xFetch(cache, 0, 0) {
                PageCache.own.xUnpin(cache, page, 1)
            }
            PageCache.own.xTruncate(cache, limit)
        }
        return methods
    }()

    nonisolated(unsafe) private static var own = sqlite3_pcache_methods2()  // changed once, before SQLite uses it

    private static func key(of number: UInt32) -> UInt32 {
        switch number {
        case swapped: 0
        case 0: swapped
        default: number
        }
    }
}
