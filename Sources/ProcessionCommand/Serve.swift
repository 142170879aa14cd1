import ArgumentParser
import Engine
import Foundation
import Glibc
import HTTPServer
import Procession
import Webhooks

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the service until SIGTERM or SIGINT.",
        discussion: """
            Every option can also be given in the environment, as PROCESSION_LISTEN, PROCESSION_STORE and so on, or in a \
            file that PROCESSION_LISTEN_FILE, PROCESSION_STORE_FILE and so on name.
            """)

    @Option(help: "Address and port. Beyond loopback only with a key, an issuer of tokens, or --insecure.")
    var listen: String?
    @Option(help: "sqlite:<file>, or memory.")
    var store: String?
    @Option(help: "A folder of definitions (*.json) to store at start.")
    var definitions: String?
    @Flag(help: "Time stands still until POST /clock/advance.")
    var testClock = false
    @Flag(help: "Listen beyond loopback although nobody has to show a key.")
    var insecure = false
    @OptionGroup var access: AccessOptions
    @OptionGroup var limits: LimitOptions
    @OptionGroup var webhooks: WebhookOptions
    @OptionGroup var retention: RetentionOptions
    @OptionGroup var stopping: StopOptions
    @OptionGroup var logging: LogOptions

    func run() throws {
        SystemMemory.returnFreeBlocks()
        // Before any thread starts, so that all of them inherit it and the signals wait for this one.
        let signals = Self.blockSignals(hangUp: (try? access.tokenKeys(Settings())) != nil)
        let starting = StartWatch(signals: Self.ending)
        let settings = Settings()
        let log: ServiceLog
        let service: ProcessionService
        let times: StopOptions.Times
        do {
            log = try logging.makeLog(settings)
        } catch {
            throw Self.cannotStart(ServiceLog(format: .text), error)
        }
        do {
            times = try stopping.times(settings)
            let configuration = try configuration(log, settings)
            for (name, hint) in settings.unknown {
                log.write(
                    .warning, "unknown setting in the environment",
                    ["name": name, "hint": hint ?? "docs/operations.md lists all settings"])
            }
            if configuration.secretKey == nil {
                log.write(
                    .warning, "the secrets of webhooks are stored unsealed", ["hint": "set PROCESSION_SECRET_KEY"])
            }
            let files = FileDescriptorLimit.raise()
            if files < configuration.limits.connections + Self.otherFiles {
                log.write(
                    .warning, "the limit of open files is too low for all connections",
                    ["files": "\(files)", "connections": "\(configuration.limits.connections)"])
            }
            service = try ProcessionService(configuration)
        } catch let error as StartError {
            throw Self.cannotStart(log, error)
        }
        starting.end()
        log.write(.info, "listening", ["port": "\(service.port)"])
        var signal = Self.wait(for: signals)
        while signal == SIGHUP {
            reloadTokenKeys(of: service, log)
            signal = Self.wait(for: signals)
        }
        log.write(.info, "stopping", ["signal": "\(signal)"])
        let limit = times.drain + times.grace + Self.closingSeconds
        Thread.detachNewThread { Self.endAtOnce(at: signals, afterSeconds: limit, log) }
        service.startDraining()
        if times.drain > 0 { SystemClock.sleep(seconds: times.drain) }
        let cut = service.stop(graceSeconds: times.grace)
        if cut == 0 {
            log.write(.info, "stopped")
        } else {
            log.write(.warning, "stopped without all answers", ["requests": "\(cut)"])
        }
        log.close()
        if cut > 0 || FinalFailure.isNoted { throw ExitCode(1) }
    }

    /// For the close of the store after the grace time. What it does not do in it, the next start does.
    private static let closingSeconds = 2.0

    /// Files of the store, its readers, reactors and the like.
    private static let otherFiles = 64

    private static func cannotStart(_ log: ServiceLog, _ error: StartError) -> ExitCode {
        log.write(.error, "cannot start", ["reason": error.description])
        log.close()
        return ExitCode(1)
    }

    private func configuration(_ log: ServiceLog, _ settings: Settings) throws -> ServiceConfiguration {
        var configuration = ServiceConfiguration()
        if let given = try settings.given("listen", listen) {
            guard let place = ListenAddress(given.text) else {
                throw StartError("\(given.name) has to be <address>:<port>, not '\(given.text)'")
            }
            configuration.address = place.address
            configuration.port = place.port
        }
        if let given = try settings.given("store", store) {
            guard let location = StoreLocation(given.text) else {
                throw StartError("\(given.name) has to be sqlite:<file> or memory, not '\(given.text)'")
            }
            configuration.store = location
        }
        if let folder = try settings.text("definitions", definitions) {
            configuration.definitions = try Documents.json(in: [folder], mayBeEmpty: true).map { ($0.name, $0.bytes) }
        }
        configuration.testClock = try settings.flag("test-clock", testClock)
        configuration.insecure = try settings.flag("insecure", insecure)
        try access.apply(to: &configuration, settings)
        try limits.apply(to: &configuration, settings)
        try webhooks.apply(to: &configuration, settings)
        try retention.apply(to: &configuration, settings)
        configuration.log = log
        configuration.onFinalFailure = FinalFailure.note
        configuration.logsRequests = try settings.flag("log-requests", logging.logRequests)
        return configuration
    }

    private func reloadTokenKeys(of service: ProcessionService, _ log: ServiceLog) {
        do throws(StartError) {
            guard let keys = try access.tokenKeys(Settings()) else { return }
            try service.replaceTokenKeys(keys)
            log.write(.info, "token keys read again")
        } catch {
            log.write(.error, "token keys not read again", ["reason": error.description])
        }
    }

    // MARK: Signals

    /// `hangUp`: SIGHUP is waited for too, instead of ending the service.
    private static func blockSignals(hangUp: Bool) -> sigset_t {
        var signals = ending
        if hangUp { sigaddset(&signals, SIGHUP) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        // A peer that closed its socket is an error of that write, not the end of the service.
        signal(SIGPIPE, SIG_IGN)
        return signals
    }

    private static func wait(for signals: sigset_t) -> Int32 {
        var signals = signals
        var received: Int32 = 0
        sigwait(&signals, &received)
        return received
    }

    /// Those that end the service.
    private static var ending: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        return signals
    }

    /// Whoever asks twice does not want to wait for answers, and no thread that hangs, say on a disk that does not answer,
    /// may keep the service from ending; nothing acknowledged is lost.
    private static func endAtOnce(at signals: sigset_t, afterSeconds limit: Double, _ log: ServiceLog) {
        let deadline = SystemClock.monotonicMicroseconds() + Int64(limit * 1_000_000)
        var signals = signals
        var signal: Int32 = SIGHUP
        while signal == SIGHUP || signal == -1 {
            let rest = deadline - SystemClock.monotonicMicroseconds()
            guard rest > 0 else { break }
            var time = timespec(tv_sec: Int(rest / 1_000_000), tv_nsec: Int(rest % 1_000_000) * 1000)
            signal = sigtimedwait(&signals, nil, &time)
        }
        if signal > 0, signal != SIGHUP {
            log.write(.warning, "stopped at once", ["signal": "\(signal)"])
        } else {
            log.write(.warning, "stopped at once", ["reason": "the grace time is over"])
        }
        log.close(withinSeconds: 0.5)
        _exit(1)
    }
}
