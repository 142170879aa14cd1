import ProcessManagement
import Testing

@Suite("Ordered table")
struct OrderedTableTests {
    /// The same, the slow way: a list of pairs.
    struct Model {
        var rows: [(id: Int, row: Int)] = []

        subscript(id: Int) -> Int? {
            get { rows.first { $0.id == id }?.row }
            set {
                let place = rows.firstIndex { $0.id == id }
                switch (place, newValue) {
                case (let place?, let row?): rows[place].row = row
                case (let place?, nil): rows.remove(at: place)
                case (nil, let row?): rows.append((id, row))
                case (nil, nil): break
                }
            }
        }
    }

    /// SplitMix64, so that a failure can be repeated from its seed.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    @Test("rows come in the order in which their ids came")
    func order() {
        var table = OrderedTable<String, Int>()
        #expect(table.isEmpty)
        #expect(table.last == nil)
        for (index, id) in ["c", "a", "b"].enumerated() { table[id] = index }
        #expect(table.inOrder == [0, 1, 2])
        #expect(table.last == 2)
        table["a"] = 9
        #expect(table.inOrder == [0, 9, 2])
        table.update("c") { $0 += 100 }
        table.update("missing") { $0 += 100 }
        #expect(table.inOrder == [100, 9, 2])
        #expect(table.count == 3)
    }

    @Test("a removed id comes back at the end")
    func removal() {
        var table = OrderedTable<String, Int>()
        for (index, id) in ["a", "b", "c"].enumerated() { table[id] = index }
        #expect(table.remove("a") == 0)
        #expect(table.remove("a") == nil)
        #expect(table["a"] == nil)
        table["c"] = nil
        table["missing"] = nil
        #expect(table.inOrder == [1])
        #expect(table.last == 1)
        table["a"] = 7
        #expect(table.inOrder == [1, 7])
        table.removeAll()
        #expect(table.isEmpty)
        #expect(table.inOrder == [])
    }

    @Test("copies are independent")
    func copies() {
        var table = OrderedTable<Int, Int>()
        for id in 0..<100 { table[id] = id }
        let before = table
        var other = table
        for id in 0..<50 { table.remove(id) }
        other[3] = -1
        other[200] = 200
        #expect(before.inOrder == Array(0..<100))
        #expect(table.inOrder == Array(50..<100))
        #expect(other.count == 101)
        #expect(before[3] == 3)
    }

    @Test("equal rows in equal order are equal, whatever happened before")
    func equality() {
        var left = OrderedTable<String, Int>()
        var right = OrderedTable<String, Int>()
        left["x"] = 0
        left["a"] = 1
        left["x"] = nil
        left["b"] = 2
        right["a"] = 1
        right["b"] = 2
        #expect(left == right)
        right["a"] = nil
        right["a"] = 1
        #expect(left != right)
    }

    @Test("random operations agree with a naive model", arguments: [1, 2, 3, 0xFEED] as [UInt64])
    func model(_ seed: UInt64) {
        var generator = Generator(state: seed)
        var table = OrderedTable<Int, Int>()
        var model = Model()
        var kept: [(table: OrderedTable<Int, Int>, rows: [Int])] = []
        for step in 0..<3000 {
            let id = Int.random(in: 0..<40, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                table[id] = step
                model[id] = step
            case 5..<7:
                let removed = table.remove(id)
                #expect(removed == model[id], "seed \(seed) step \(step)")
                model[id] = nil
            case 7:
                table[id] = nil
                model[id] = nil
            case 8:
                table.update(id) { $0 += 1 }
                model[id] = model[id].map { $0 + 1 }
            default: if step % 50 == 0 { kept.append((table, model.rows.map(\.row))) }
            }
            #expect(table[id] == model[id], "seed \(seed) step \(step)")
            #expect(table.count == model.rows.count, "seed \(seed) step \(step)")
            #expect(table.last == model.rows.last?.row, "seed \(seed) step \(step)")
            if step % 20 == 0 { #expect(table.inOrder == model.rows.map(\.row), "seed \(seed) step \(step)") }
        }
        #expect(kept.allSatisfy { $0.table.inOrder == $0.rows }, "seed \(seed)")
    }
}
