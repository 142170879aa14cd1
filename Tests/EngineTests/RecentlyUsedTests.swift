import Testing

@testable import Engine

@Suite("Recently used values")
struct RecentlyUsedTests {
    @Test("what is kept stays within its bytes, and what was used last stays")
    func bytes() {
        var cache = RecentlyUsed<Int, String>(limit: 1_000, bytes: 1_000)
        for number in 0..<50 {
            cache.keep("\(number)", for: number, bytes: 100)
            #expect(cache.byteCount <= 1_000)
            #expect(cache.take(number) == "\(number)")
        }
        #expect(cache.take(0) == nil)
        #expect(cache.count < 11)
    }

    @Test("small values are bounded by their number")
    func number() {
        var cache = RecentlyUsed<Int, Int>(limit: 10, bytes: 1_000_000)
        for number in 0..<100 { cache.keep(number, for: number, bytes: 1) }
        #expect(cache.count <= 10)
        #expect(cache.take(99) == 99)
    }

    @Test("a value that would push out all others is not kept, nor is an older one of its key")
    func tooLarge() {
        var cache = RecentlyUsed<Int, String>(limit: 10, bytes: 1_000)
        cache.keep("small", for: 1, bytes: 10)
        cache.keep("other", for: 2, bytes: 10)
        cache.keep("large", for: 1, bytes: 600)
        #expect(cache.take(1) == nil)
        #expect(cache.take(2) == "other")
        #expect(cache.byteCount == 10)
    }

    @Test("a replaced or removed value costs nothing any more, in whichever generation it is")
    func replaced() {
        var cache = RecentlyUsed<Int, String>(limit: 100, bytes: 1_000)
        for number in 0..<5 { cache.keep("a", for: number, bytes: 100) }
        // The young generation was full; these are in the old one.
        cache.keep("b", for: 0, bytes: 50)
        #expect(cache.byteCount == 450)
        cache.remove(1)
        #expect(cache.byteCount == 350)
        cache.remove(0)
        #expect(cache.byteCount == 300)
        #expect(cache.take(0) == nil)
        cache.removeAll()
        #expect(cache.byteCount == 0)
        #expect(cache.take(3) == nil)
    }
}
