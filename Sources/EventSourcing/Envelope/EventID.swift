import JSON

/// The id of an event: unique together with its source.
///
/// Ids from outside are any text (CloudEvents 1.0, `id`). One in the lower-case UUID form is kept as 16 bytes, so that
/// stores need not spend 36; both forms of one text are one id.
public struct EventID: Sendable, Hashable, CustomStringConvertible {
    public enum Form: Sendable, Hashable {
        case unique(UniqueID)
        case text(ExactText)
    }

    public let form: Form

    public init(_ id: UniqueID) { form = .unique(id) }

    public init(_ text: String) {
        // Only the exact lower-case form may be folded into 16 bytes: it has to come back as it was sent.
        if let id = UniqueID(canonical: text) {
            form = .unique(id)
        } else {
            form = .text(ExactText(text))
        }
    }

    public var description: String {
        switch form {
        case .unique(let id): id.description
        case .text(let text): text.text
        }
    }
}
