/** The first packet identifier for messages that we publish; the last one is 65 535 (MQTT 5, 2.2.1). */
const FIRST_PUBLISHED = 32_768;

/** Gives packet identifiers to messages that we publish: those that MQTT.js does not use on the same connection. */
export class PublishedIds {
  #next = FIRST_PUBLISHED;

  /** The next identifier for which `isFree` is true. */
  take(isFree: (id: number) => boolean): number {
    for (;;) {
      const id = this.#next;
      this.#next = id === 65_535 ? FIRST_PUBLISHED : id + 1;
      if (isFree(id)) return id;
    }
  }
}

/** Gives packet identifiers to MQTT.js. It only subscribes and unsubscribes, so few are in use and none are tracked. */
export class SubscriptionIds {
  #last = 0;

  allocate(): number {
    this.#last = (this.#last % (FIRST_PUBLISHED - 1)) + 1;
    return this.#last;
  }

  getLastAllocated(): number {
    return this.#last;
  }

  register(): boolean {
    return true;
  }

  deallocate(): void {}

  clear(): void {}
}
