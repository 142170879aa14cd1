import EventSourcing

extension ProcessEngine {
    /// A store whose secrets are sealed opens with the same key only: a sample of what the key seals is kept in it. A key
    /// that is new to the store seals what was stored as it was.
    ///
    /// - Throws: `.unusable` without the key, or with another one.
    func checkSeal() throws(StoreError) {
        let sample = Array("procession".utf8)
        if let sealed = try store.setting(SettingName.seal) {
            do throws(SecretSealer.Failure) {
                guard try sealer.open(sealed, of: .namespace) == sample else { throw .wrongKey }
            } catch {
                let hint = "start with the PROCESSION_SECRET_KEY that they were sealed with"
                throw error == .keyMissing
                    ? .unusable("the store's secrets are sealed and there is no key", hint: hint)
                    : .unusable("the store's secrets were sealed with another key", hint: hint)
            }
            return
        }
        guard sealer.hasKey else { return }
        try store.setSetting(SettingName.seal, try seal(sample, for: .namespace))
        for var webhook in try store.webhooks() {
            webhook.row.secret = try sealedAnew(webhook.row.secret, of: webhook.row.id)
            if !webhook.row.headers.isEmpty {
                webhook.row.headers = try sealedAnew(webhook.row.headers, of: webhook.row.id)
            }
            if let previous = webhook.row.previousSecret, !previous.sealed.isEmpty {
                webhook.row.previousSecret?.sealed = try sealedAnew(previous.sealed, of: webhook.row.id)
            }
            try store.updateWebhook(webhook.handle, webhook.row)
        }
    }

    private func sealedAnew(_ sealed: [UInt8], of owner: UniqueID) throws(StoreError) -> [UInt8] {
        do throws(SecretSealer.Failure) {
            return try sealer.seal(try sealer.open(sealed, of: owner), for: owner)
        } catch {
            throw .unreadable("a secret of webhook \(owner)")
        }
    }

    private func seal(_ secret: [UInt8], for owner: UniqueID) throws(StoreError) -> [UInt8] {
        do throws(SecretSealer.Failure) {
            return try sealer.seal(secret, for: owner)
        } catch {
            throw .unusable("the key seals nothing", hint: "check PROCESSION_SECRET_KEY")
        }
    }
}
