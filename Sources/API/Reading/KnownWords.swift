/// One of a closed set of words, as a request names it. Any other is refused with all that there are.
enum KnownWords<Word: RawRepresentable<String>> {
    /// - Parameters:
    ///   - kind: what the words are, such as `status`.
    ///   - place: of the word in the request.
    static func read(
        _ text: String, as kind: String, among words: [Word], at place: RequestFault.Place
    ) throws(HTTPProblem) -> Word {
        if let word = words.first(where: { $0.rawValue == text }) { return word }
        let names = words.map(\.rawValue)
        // What most often differs is the case.
        let meant = names.first { $0.lowercased() == text.lowercased() }
        throw HTTPProblem(
            RequestFault(
                place, "there is no \(kind) '\(text)'; there are \(names.joined(separator: ", "))",
                hint: meant.map { "did you mean '\($0)'?" }))
    }
}

extension QueryReader {
    func words<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String, of type: Word.Type = Word.self
    ) throws(HTTPProblem) -> [Word] {
        var words: [Word] = []
        for text in list(name) {
            words.append(
                try KnownWords.read(text, as: name, among: Array(Word.allCases), at: .parameter(name)))
        }
        return words
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String, of type: Word.Type = Word.self
    ) throws(HTTPProblem) -> Word? {
        guard let text = text(name) else { return nil }
        return try KnownWords.read(text, as: name, among: Array(Word.allCases), at: .parameter(name))
    }
}

extension BodyReader {
    /// A member that is one of these words; nil where it is absent.
    func word<Word: RawRepresentable<String>>(_ name: String, among words: [Word]) throws(HTTPProblem) -> Word? {
        guard let text = try optionalString(name) else { return nil }
        return try KnownWords.read(text, as: name, among: words, at: .pointer(place(name)))
    }
}
