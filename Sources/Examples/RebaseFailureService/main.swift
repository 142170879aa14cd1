import Glibc
import Procession
import RebaseFailure

// A service of one's own: the engine and the HTTP API of Procession around a manager written in Swift.

var signals = sigset_t()
sigemptyset(&signals)
sigaddset(&signals, SIGTERM)
sigaddset(&signals, SIGINT)
pthread_sigmask(SIG_BLOCK, &signals, nil)

var configuration = ServiceConfiguration()
configuration.store = .sqlite(path: "rebase-failure.db")
configuration.managers = [RebaseFailureManager()]
let service = try ProcessionService(configuration)
print("rebase-failure is served on http://\(configuration.address):\(service.port)")

var signal: Int32 = 0
sigwait(&signals, &signal)
service.stop()
