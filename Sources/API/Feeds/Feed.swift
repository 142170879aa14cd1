import Engine
import EventSourcing
import HTTPServer
import JSON

/// Recorded events in an order that can be read on from any place: the global order, or one stream.
struct Feed: Sendable {
    /// What the places of a feed are, and so the ids of its server-sent events.
    enum Numbering: Sendable {
        /// Positions in the global order; reading on starts after the place.
        case position
        /// Versions of a stream; reading on starts with the place.
        case version

        func number(of event: RecordedEvent) -> Int64 {
            switch self {
            case .position: event.position
            case .version: event.version
            }
        }

        /// From where to read on when this number is the last that is known.
        func place(after number: Int64) -> Int64 {
            switch self {
            case .position: number
            case .version: number + 1
            }
        }
    }

    /// A recorded event, shown as it is or as what it means for a process.
    struct Item {
        var record: RecordedEvent
        var process: ProcessRow?
    }

    struct Page {
        var items: [Item]
        /// Where to read on. It moves also over what the feed leaves out.
        var next: Int64

        init(events: [RecordedEvent], next: Int64) {
            items = events.map { Item(record: $0) }
            self.next = next
        }

        init(items: [Item], next: Int64) {
            self.items = items
            self.next = next
        }
    }

    typealias Read = @Sendable (_ reader: any ProcessReader, _ place: Int64) throws(HTTPProblem) -> Page

    let numbering: Numbering
    /// The member of the answer that lists the items. The feed's, not a page's: a page without items is none the less
    /// one of this feed.
    let member: StaticString
    let page: Read

    init(_ numbering: Numbering, member: StaticString = "events", _ page: @escaping Read) {
        self.numbering = numbering
        self.member = member
        self.page = page
    }

}

extension Feed {
    func response(_ page: Page) -> HTTPResponse {
        .answer { writer in
            writer.beginObject()
            writer.list(member, page.items) { $0.item($1) }
            writer.member("next", page.next)
            writer.endObject()
        }
    }

    /// What is answered where nothing came up to this place.
    func emptyResponse(upTo place: Int64) -> HTTPResponse {
        response(Page(items: [], next: place))
    }
}

extension JSONWriter {
    mutating func item(_ item: Feed.Item) {
        if let process = item.process { listed(process, after: item.record) } else { recorded(item.record) }
    }
}
