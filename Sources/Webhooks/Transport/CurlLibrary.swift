import CCurl

/// libcurl's state of the whole process.
enum CurlLibrary {
    /// Runs once, before the first handle; libcurl wants no other thread inside it meanwhile, which a global's
    /// initialisation grants.
    static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
