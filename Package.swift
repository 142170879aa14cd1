// swift-tools-version: 6.2
import PackageDescription

// Arrows only downwards: each target may import what stands above it in this list and nothing else.
// docs/architecture.md tells the story; Tests/TidyTests holds the core targets to it.
let package = Package(
    name: "procession",
    products: [
        .executable(name: "procession", targets: ["ProcessionCommand"]),
        .library(name: "EventStore", targets: ["EventSourcing"]),
        .library(name: "ProcessManager", targets: ["ProcessManagement"]),
        .library(name: "Engine", targets: ["Engine"]),
        .library(name: "Procession", targets: ["Procession"]),
        // For the tests: preloaded into the binary, it lets calls of the system fail.
        .library(name: "FaultShim", type: .dynamic, targets: ["FaultShim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // Pure core: no I/O, clock, randomness, locks, async or Foundation.
        .target(name: "Chrono"),
        .target(name: "JSON"),
        .target(name: "CEL", dependencies: ["Chrono", "JSON"]),
        .target(name: "EventSourcing", dependencies: ["Chrono", "JSON"]),
        .target(
            name: "ProcessManagement",
            dependencies: [
                "Chrono", "EventSourcing", "JSON",
                .product(name: "HashTreeCollections", package: "swift-collections"),
            ]),
        .target(
            name: "Definitions",
            dependencies: [
                "CEL", "Chrono", "EventSourcing", "JSON", "ProcessManagement",
                .product(name: "HashTreeCollections", package: "swift-collections"),
            ]),

        // Pictures of definitions, as pure as the core.
        .target(name: "Diagrams", dependencies: ["Chrono", "Definitions", "JSON", "ProcessManagement"]),

        // The engine and the store behind its port.
        .target(
            name: "Engine",
            dependencies: [
                "CLinux", "Chrono", "EventSourcing", "JSON", "ProcessManagement",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HashTreeCollections", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(
            name: "SQLiteStore",
            dependencies: ["CSQLite", "Chrono", "Engine", "EventSourcing", "JSON", "ProcessManagement"]),

        // Who may do what: keys and tokens.
        .target(
            name: "Access",
            dependencies: [
                "Chrono", "Engine", "EventSourcing", "JSON", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]),

        // The edges.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(
            name: "Webhooks",
            dependencies: [
                "CCurl", "Chrono", "Engine", "EventSourcing", "JSON", "ProcessManagement",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(name: "HTTPServer", dependencies: ["CLinux"]),
        .target(
            name: "API",
            dependencies: [
                "Chrono", "Definitions", "Diagrams", "Engine", "EventSourcing", "HTTPServer", "JSON",
                "ProcessManagement",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "Procession",
            dependencies: [
                "API", "Access", "CEL", "Chrono", "Definitions", "Engine", "EventSourcing", "HTTPServer", "JSON",
                "ProcessManagement", "SQLiteStore", "Webhooks",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "ProcessionCommand",
            dependencies: [
                "Access", "CEL", "Chrono", "Definitions", "Diagrams", "Engine", "HTTPServer", "JSON", "Procession",
                "SQLiteStore", "Webhooks", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CCurl", "CEL", "CLinux", "CSQLite", "Chrono", "Definitions", "Engine", "EventSourcing", "JSON",
                "Procession",
                "SQLiteStore", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CEL", "Definitions", "Engine", "JSON", "Procession",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Examples that the tests run.
        .target(
            name: "RebaseFailure", dependencies: ["EventSourcing", "JSON", "ProcessManagement"],
            path: "Sources/Examples/RebaseFailure"),
        .executableTarget(
            name: "RebaseFailureService", dependencies: ["Procession", "RebaseFailure"],
            path: "Sources/Examples/RebaseFailureService"),

        .target(name: "TestSupport", dependencies: ["JSON"], path: "Tests/TestSupport"),
        .target(name: "FaultShim", path: "Tests/FaultShim"),
        .testTarget(name: "TidyTests", dependencies: ["Definitions", "JSON"]),
        .testTarget(name: "ChronoTests", dependencies: ["Chrono"]),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"]),
        .testTarget(name: "CELTests", dependencies: ["CEL", "Chrono", "JSON", "TestSupport"]),
        .target(
            name: "EventStoreContract", dependencies: ["Chrono", "EventSourcing", "JSON"],
            path: "Tests/EventStoreContract"),
        .target(
            name: "ProcessStoreContract",
            dependencies: ["Chrono", "Engine", "EventSourcing", "JSON", "ProcessManagement"],
            path: "Tests/ProcessStoreContract"),
        .testTarget(
            name: "EventSourcingTests",
            dependencies: ["Chrono", "EventSourcing", "EventStoreContract", "JSON", "TestSupport"]),
        .testTarget(
            name: "ProcessManagementTests",
            dependencies: ["Chrono", "EventSourcing", "JSON", "ProcessManagement", "TestSupport"]),
        .testTarget(
            name: "EngineTests",
            dependencies: ["Chrono", "Engine", "EventSourcing", "JSON", "ProcessManagement", "ProcessStoreContract"]),
        .testTarget(
            name: "DefinitionsTests",
            dependencies: [
                "CEL", "Chrono", "Definitions", "EventSourcing", "JSON", "ProcessManagement", "TestSupport",
            ], exclude: ["Samples"]),
        .testTarget(
            name: "DiagramsTests",
            dependencies: ["Chrono", "Definitions", "Diagrams", "EventSourcing", "JSON", "ProcessManagement"]),
        .testTarget(
            name: "SQLiteStoreTests",
            dependencies: [
                "CSQLite", "Chrono", "Engine", "EventSourcing", "EventStoreContract", "JSON", "ProcessManagement",
                "ProcessStoreContract", "SQLiteStore",
            ]),
        .testTarget(
            name: "APITests",
            dependencies: [
                "API", "Access", "Chrono", "Definitions", "Engine", "EventSourcing", "HTTPServer", "JSON",
                "ProcessManagement",
                "TestSupport",
            ]),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: ["CEL", "Engine", "JSON", "Procession", "RebaseFailure", "SQLiteStore"],
            exclude: ["Receiver", "Scenarios"]),
        .testTarget(
            name: "WebhooksTests",
            dependencies: ["Chrono", "Engine", "EventSourcing", "JSON", "ProcessManagement", "TestSupport", "Webhooks"]),
        .testTarget(
            name: "AccessTests",
            dependencies: [
                "Access", "Chrono", "Engine", "EventSourcing", "JSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]),
        .testTarget(name: "FuzzTests", dependencies: ["Fuzz"]),
        .testTarget(name: "HTTPServerTests", dependencies: ["HTTPServer", "JSON", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
}
