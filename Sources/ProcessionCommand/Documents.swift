import Foundation
import Procession

/// Files that commands read.
enum Documents {
    struct Document {
        var name: String
        var bytes: [UInt8]
    }

    /// The files that are named, and all *.json in the folders that are named, in the order of their names.
    ///
    /// A folder without any is an error, unless it may be empty: a check of nothing would look like a success.
    static func json(in places: [String], mayBeEmpty: Bool = false) throws(StartError) -> [Document] {
        var documents: [Document] = []
        for place in places {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else {
                throw StartError("there is no file or folder '\(place)'")
            }
            var paths = [place]
            if isFolder.boolValue {
                guard let names = try? FileManager.default.contentsOfDirectory(atPath: place) else {
                    throw StartError("cannot read the folder '\(place)'")
                }
                paths = names.filter { $0.hasSuffix(".json") }.sorted().map { "\(place)/\($0)" }
                if paths.isEmpty, !mayBeEmpty { throw StartError("there is no *.json in the folder '\(place)'") }
            }
            for path in paths {
                guard let data = FileManager.default.contents(atPath: path) else {
                    throw StartError("cannot read '\(path)'")
                }
                documents.append(Document(name: path, bytes: Array(data)))
            }
        }
        return documents
    }
}
