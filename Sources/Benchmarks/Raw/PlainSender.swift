import CCurl
import Glibc

/// Sends one request again and again with nothing but libcurl, so many at once: the ceiling of deliveries.
final class PlainSender {
    private let multi: UnsafeMutableRawPointer
    private var handles: [UnsafeMutableRawPointer] = []
    private var fields: UnsafeMutablePointer<curl_slist>?

    /// - Parameter request: head and body, as a receiver saw them.
    init(like request: [UInt8], to url: String, atOnce: Int) throws {
        guard let multi = curl_multi_init() else { throw BenchmarkError("no libcurl") }
        self.multi = multi
        let text = String(decoding: request, as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw BenchmarkError("no request to copy") }
        for line in parts[0].split(separator: "\r\n").dropFirst() {
            // These libcurl writes on its own.
            guard !["host:", "accept:", "content-length:"].contains(where: line.lowercased().hasPrefix) else {
                continue
            }
            fields = curl_slist_append(fields, String(line))
        }
        fields = curl_slist_append(fields, "Expect:")
        for _ in 0..<atOnce {
            guard let handle = curl_easy_init() else { throw BenchmarkError("no libcurl") }
            procession_curl_set_string(handle, CURLOPT_URL, url)
            procession_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
            procession_curl_set_list(handle, CURLOPT_HTTPHEADER, fields)
            procession_curl_set_string(handle, CURLOPT_COPYPOSTFIELDS, parts[1])
            handles.append(handle)
        }
    }

    deinit {
        for handle in handles { curl_easy_cleanup(handle) }
        curl_multi_cleanup(multi)
        curl_slist_free_all(fields)
    }

    /// Requests a second.
    func send(_ count: Int) -> Double {
        let begun = microseconds()
        var (sent, ended) = (0, 0)
        for handle in handles.prefix(count) {
            curl_multi_add_handle(multi, handle)
            sent += 1
        }
        while ended < count {
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            var left: Int32 = 0
            while let message = curl_multi_info_read(multi, &left) {
                guard let handle = message.pointee.easy_handle else { continue }
                ended += 1
                curl_multi_remove_handle(multi, handle)
                if sent < count {
                    curl_multi_add_handle(multi, handle)
                    sent += 1
                }
            }
            if ended < count { curl_multi_poll(multi, nil, 0, 1000, nil) }
        }
        return Double(count) / (Double(microseconds() - begun) / 1e6)
    }
}
