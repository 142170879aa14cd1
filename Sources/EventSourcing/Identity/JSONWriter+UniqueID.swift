import JSON

/// Ids are most of what facts and answers consist of, so they are written without a string of their own.
extension JSONWriter {
    public mutating func value(_ id: UniqueID) {
        id.withText { value(unescaped: $0) }
    }

    public mutating func member(_ name: StaticString, _ id: UniqueID) {
        self.name(name)
        value(id)
    }

    public mutating func value(_ id: EventID) {
        switch id.form {
        case .unique(let id): value(id)
        case .text(let text): value(text.text)
        }
    }

    public mutating func member(_ name: StaticString, _ id: EventID) {
        self.name(name)
        value(id)
    }
}
