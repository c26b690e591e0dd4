/** The first packet identifier of what is published; the last is 65 535 (MQTT 5, 2.2.1). */
const FIRST_PUBLISHED = 32_768;

/** The packet identifiers of what is published: those that MQTT.js does not use on the same connection. */
export class PublishedIds {
  #next = FIRST_PUBLISHED;

  /** One that `isFree`. */
  take(isFree: (id: number) => boolean): number {
    for (;;) {
      const id = this.#next;
      this.#next = id === 65_535 ? FIRST_PUBLISHED : id + 1;
      if (isFree(id)) return id;
    }
  }
}

/** The packet identifiers of MQTT.js, which has subscriptions alone: never many at once. */
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
