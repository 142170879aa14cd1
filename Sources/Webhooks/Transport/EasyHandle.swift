import CCurl
import Chrono

/// A libcurl handle for one request at a time, set up once and used again. Confined to the transport's thread.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private var list: UnsafeMutablePointer<curl_slist>?
    private(set) var transfer: Transfer?

    /// Nil without memory.
    init?(_ options: TransportOptions) {
        guard CurlLibrary.isReady, let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        guard setUp(options) else { return nil }
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(list)
    }

    // MARK: What is the same for all requests

    private func setUp(_ options: TransportOptions) -> Bool {
        var isSet = true
        func set(_ option: CURLoption, _ value: Int) {
            isSet = procession_curl_set_long(pointer, option, value) == CURLE_OK && isSet
        }
        func set(_ option: CURLoption, _ value: String?) {
            isSet = procession_curl_set_string(pointer, option, value) == CURLE_OK && isSet
        }
        set(CURLOPT_POST, 1)
        set(CURLOPT_NOSIGNAL, 1)
        // A resolver that answers late is left to its thread, instead of holding up all other requests.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        set(CURLOPT_FOLLOWLOCATION, 0)
        // Against the proxy variables of the environment.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        set(CURLOPT_USERAGENT, options.userAgent)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let file = options.authoritiesFile {
            // In place of the system's file; the system's folder, which has the same, stays and is asked as needed.
            set(CURLOPT_CAINFO, file)
        } else {
            // Without a folder libcurl reads the system's file once, instead of at each connect.
            set(CURLOPT_CAPATH, nil)
        }
        return isSet && setCallbacks()
    }

    private func setCallbacks() -> Bool {
        let body = procession_curl_set_write_function(pointer, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let transfer = EasyHandle.transfer(context) else { return 0 }
            let total = size * count
            let isWanted = UnsafeMutableRawBufferPointer(start: bytes, count: total)
                .withMemoryRebound(to: UInt8.self) { transfer.takeBody(UnsafeBufferPointer($0)) }
            // Any other number than was given ends the transfer; `total` is never zero then.
            return isWanted ? total : 0
        }
        let head = procession_curl_set_write_function(pointer, CURLOPT_HEADERFUNCTION) { _, size, count, context in
            EasyHandle.transfer(context)?.takeHead(size * count) == true ? size * count : 0
        }
        let socket = procession_curl_set_open_socket_function(pointer) { context, _, address in
            guard let transfer = EasyHandle.transfer(context), let address else { return -1 }
            return transfer.openSocket(&address.pointee)
        }
        // A kept connection opens no socket, and its address may have been allowed when it was made only.
        let request = procession_curl_set_before_request_function(pointer) { context, address, _, port, _ in
            guard let transfer = EasyHandle.transfer(context), let address else { return CURL_PREREQFUNC_ABORT }
            let isAllowed = transfer.allowsRequest(to: String(cString: address), port: Int(port))
            return isAllowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
        return body == CURLE_OK && head == CURLE_OK && socket == CURLE_OK && request == CURLE_OK
    }

    private static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: One request

    /// Takes a transfer up; false if libcurl does not take it.
    func begin(_ transfer: Transfer) -> Bool {
        self.transfer = transfer
        let request = transfer.request
        // `self` keeps the transfer until `end`, and no callback comes after it.
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA, CURLOPT_PREREQDATA] {
            guard procession_curl_set_pointer(pointer, option, context) == CURLE_OK else { return false }
        }
        guard setFields(request.fields) else { return false }
        guard procession_curl_set_string(pointer, CURLOPT_URL, request.url) == CURLE_OK,
            procession_curl_set_long(pointer, CURLOPT_TIMEOUT_MS, Self.milliseconds(request.timeout)) == CURLE_OK,
            procession_curl_set_long(pointer, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectTimeout))
                == CURLE_OK,
            procession_curl_set_size(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)) == CURLE_OK
        else { return false }
        // libcurl copies as many bytes as the size says, zeros included; without any it would read its input.
        return request.body.withUnsafeBytes {
            guard !$0.isEmpty else {
                return procession_curl_set_string(pointer, CURLOPT_COPYPOSTFIELDS, "") == CURLE_OK
            }
            let bytes = $0.bindMemory(to: CChar.self).baseAddress
            return procession_curl_set_string(pointer, CURLOPT_COPYPOSTFIELDS, bytes) == CURLE_OK
        }
    }

    /// Forgets the transfer; the handle is no longer with a multi handle then.
    func end() {
        transfer = nil
    }

    var status: Int {
        var status = 0
        procession_curl_get_long(pointer, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    /// The value of a header of the last answer, in its last line.
    func header(_ name: String) -> String? {
        var header: UnsafeMutablePointer<curl_header>?
        guard curl_easy_header(pointer, name, 0, UInt32(CURLH_HEADER), -1, &header) == CURLHE_OK,
            let value = header?.pointee.value
        else { return nil }
        return String(cString: value)
    }

    private func setFields(_ fields: [HeaderField]) -> Bool {
        curl_slist_free_all(list)
        list = nil
        // Without "Expect:" a large body waits for a 100 that many receivers never send.
        for line in ["Content-Type: application/json", "Expect:"] + fields.map(Self.line) {
            guard let longer = curl_slist_append(list, line) else { return false }
            list = longer
        }
        return procession_curl_set_list(pointer, CURLOPT_HTTPHEADER, list) == CURLE_OK
    }

    /// With nothing behind the colon libcurl would leave the header out.
    private static func line(_ field: HeaderField) -> String {
        field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
    }

    /// Zero would mean no limit.
    private static func milliseconds(_ span: TimeSpan) -> Int {
        Int(min(max(span.milliseconds, 1), 86_400_000))
    }
}
