import type { Http, RequestOptions } from './http.js';
import { list, type ListBody, type ListParams, type ListPromise } from './list.js';

/** A resource: a path, and methods made of the few forms that the API has. */
export abstract class Resource {
  constructor(
    protected readonly http: Http,
    protected readonly base: string,
  ) {}

  /** `POST base[/rest]` with parameters. */
  protected creates<Params, T>(rest = '') {
    return (params: Params, options?: RequestOptions): Promise<T> =>
      this.http.call({ method: 'POST', path: this.base + rest, body: params, options });
  }

  /** `GET base/{id}[rest]`. */
  protected retrieves<T>(rest = '', query?: object) {
    return (id: string, options?: RequestOptions): Promise<T> =>
      this.http.call({ method: 'GET', path: this.one(id, rest), query, options });
  }

  /** `POST base/{id}` with what is to change. */
  protected updates<Params, T>() {
    return (id: string, params: Params, options?: RequestOptions): Promise<T> =>
      this.http.call({ method: 'POST', path: this.one(id), body: params, options });
  }

  /** `DELETE base/{id}[rest]`. */
  protected deletes<T>(rest = '') {
    return (id: string, options?: RequestOptions): Promise<T> =>
      this.http.call({ method: 'DELETE', path: this.one(id, rest), options });
  }

  /** `POST base/{id}/{verb}`, which takes no parameters. */
  protected acts<T>(verb: string) {
    return (id: string, options?: RequestOptions): Promise<T> =>
      this.http.call({ method: 'POST', path: this.one(id, `/${verb}`), options });
  }

  /** `POST base/{id}/{verb}`, whose parameters may be left out. */
  protected actsWith<Params, T>(verb: string) {
    return (id: string, params?: Params, options?: RequestOptions): Promise<T> =>
      this.http.call({ method: 'POST', path: this.one(id, `/${verb}`), body: params, options });
  }

  /** `GET base`, page by page. */
  protected lists<Params extends ListParams, T extends { id: string }>() {
    return (params?: Params, options?: RequestOptions): ListPromise<T> => this.pages(this.base, params, options);
  }

  /** As `lists`, where the API needs parameters. */
  protected listsBy<Params extends ListParams, T extends { id: string }>() {
    return (params: Params, options?: RequestOptions): ListPromise<T> => this.pages(this.base, params, options);
  }

  /** The list at `path`. */
  protected pages<T extends { id: string }>(
    path: string,
    params: ListParams = {},
    options?: RequestOptions,
  ): ListPromise<T> {
    const fetch = (query: ListParams): Promise<ListBody<T>> => this.http.call({ method: 'GET', path, query, options });
    return list(fetch, params);
  }

  /** The path of an object; whatever `id` has in it stays one segment. */
  protected one(id: string, rest = ''): string {
    if (id === '') throw new TypeError('The id is empty; it would name the list rather than an object.');
    return `${this.base}/${encodeURIComponent(id)}${rest}`;
  }
}
