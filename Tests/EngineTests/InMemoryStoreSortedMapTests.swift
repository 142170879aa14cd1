import Testing

@testable import Engine

@Suite("SortedMap")
struct InMemoryStoreSortedMapTests {
    @Test("answers like a sorted dictionary after every change", arguments: [1, 2, 3] as [UInt64])
    func answersLikeASortedDictionary(seed: UInt64) {
        var map = SortedMap<Int, Int>()
        var model: [Int: Int] = [:]
        var random = seed
        for step in 0..<3000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let key = Int(random >> 33) % 200
            let value = random >> 60 < 7 ? nil : step
            map[key] = value
            model[key] = value
            #expect(map[key] == value)
            #expect(map.count == model.count)
            guard step % 50 == 0 else { continue }
            let keys = model.keys.sorted()
            #expect(map.ascending().map(\.key) == keys)
            #expect(map.ascending().map(\.value) == keys.map { model[$0] })
            #expect(map.ascending(from: key).map(\.key) == keys.filter { $0 >= key })
            #expect(map.descending().map(\.key) == keys.reversed())
            #expect(map.descending(below: key).map(\.key) == keys.filter { $0 < key }.reversed())
            #expect(map.first?.key == keys.first)
            #expect(map.last?.key == keys.last)
        }
    }

    @Test("a copy stays as it was when the original changes")
    func copiesStay() {
        var map = SortedMap<Int, String>()
        for key in 0..<100 { map[key] = "old" }
        let copy = map
        for key in 0..<100 { map[key] = key % 2 == 0 ? nil : "new" }
        map[1000] = "new"
        #expect(copy.ascending().map(\.key) == Array(0..<100))
        #expect(copy.ascending().allSatisfy { $0.value == "old" })
        #expect(map.count == 51)
    }

    @Test("stays shallow enough for 200,000 keys in order, as positions come")
    func keysInOrder() {
        var map = SortedMap<Int, Int>()
        for key in 0..<200_000 { map[key] = key }
        #expect(map.last?.key == 199_999)
        #expect(map.ascending(from: 123_456).prefix(2).map(\.key) == [123_456, 123_457])
        for key in 0..<200_000 { map[key] = nil }
        #expect(map.isEmpty)
    }
}
