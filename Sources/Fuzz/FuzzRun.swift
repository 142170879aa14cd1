import Foundation
import Synchronization

/// Runs a target over and over. Input `n` of a seed depends on these two only, so that a finding can be run alone.
struct FuzzRun {
    struct Report {
        var inputs = 0
        var accepted = 0
        var slowest = Duration.zero
        var slowestSeed: UInt64 = 0
    }

    /// No input may take more time of the processor; how busy the machine is does not matter.
    var bound = Duration.seconds(2)

    /// The input being run, for the handler of a crash.
    static let current = Atomic<UInt64>(0)

    func run(
        _ target: some FuzzTarget, seed: UInt64, until isOver: (_ inputs: Int) -> Bool
    ) throws(Finding) -> Report {
        var report = Report()
        while !isOver(report.inputs) {
            let inputSeed = seed &+ UInt64(report.inputs)
            Self.current.store(inputSeed, ordering: .relaxed)
            var random = SeededGenerator(seed: inputSeed)
            let start = Self.processorTime()
            do throws(Finding) {
                if try target.run(&random) { report.accepted += 1 }
            } catch {
                throw Finding("seed \(inputSeed): \(error.message)", input: error.input)
            }
            let time = Self.processorTime() - start
            if time > report.slowest { (report.slowest, report.slowestSeed) = (time, inputSeed) }
            if time > bound { throw Finding("seed \(inputSeed): took \(time)", input: "run it alone with --inputs 1") }
            report.inputs += 1
        }
        return report
    }

    /// Of this thread.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Names the input when the program traps or hangs.
    static func watch(hang: Double = 30) {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] {
            signal(number) { number in
                FuzzRun.writeCurrent()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        Thread.detachNewThread {
            var last: UInt64 = 0
            while true {
                Thread.sleep(forTimeInterval: hang)
                let now = current.load(ordering: .relaxed)
                // Only one input in all that time.
                if now == last { abort() }
                last = now
            }
        }
    }

    /// Nothing that allocates: the heap may be broken.
    private static func writeCurrent() {
        var value = current.load(ordering: .relaxed)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digits in
            var index = 31
            digits[index] = 0x0A
            repeat {
                index -= 1
                digits[index] = UInt8(ascii: "0") + UInt8(value % 10)
                value /= 10
            } while value > 0
            let message: StaticString = "crash at seed "
            _ = write(2, message.utf8Start, message.utf8CodeUnitCount)
            _ = write(2, digits.baseAddress?.advanced(by: index), 32 - index)
        }
    }
}
