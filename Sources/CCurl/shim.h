// libcurl. Swift cannot call functions with variable arguments, so each kind of argument has a function of its own.
//
// The names are in parentheses because curl/curl.h also defines them as macros.
#pragma once
#include <curl/curl.h>

static inline CURLcode procession_curl_set_long(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode procession_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(handle, option, value);
}

// libcurl copies the string, except with CURLOPT_POSTFIELDS: those bytes have to stay until the transfer has ended.
static inline CURLcode procession_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode procession_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return (curl_easy_setopt)(handle, option, value);
}

// The list has to stay until the transfer has ended.
static inline CURLcode procession_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode procession_curl_set_write_function(
    CURL *handle, CURLoption option, size_t (*value)(char *, size_t, size_t, void *)) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode procession_curl_set_open_socket_function(
    CURL *handle, curl_socket_t (*value)(void *, curlsocktype, struct curl_sockaddr *)) {
    return (curl_easy_setopt)(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}

// Called right before a request goes out, on a new connection and on a kept one; anything but CURL_PREREQFUNC_OK ends it.
static inline CURLcode procession_curl_set_before_request_function(
    CURL *handle, int (*value)(void *, char *, char *, int, int)) {
    return (curl_easy_setopt)(handle, CURLOPT_PREREQFUNCTION, value);
}

static inline CURLcode procession_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(handle, info, value);
}

static inline CURLMcode procession_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

// CURLcode of a finished transfer; the union of CURLMsg is awkward from Swift.
static inline CURLcode procession_curl_message_result(const CURLMsg *message) {
    return message->data.result;
}
