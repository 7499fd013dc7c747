import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  RevisionStore,
  SealingCodec,
  keyLength
} from "./chunk-MLKEFS2D.mjs";
import "./chunk-B4LL4QF7.mjs";
import {
  SystemClock,
  SystemIds
} from "./chunk-SLDGO2KB.mjs";
import {
  silentLogger
} from "./chunk-Y2ZLEF36.mjs";
import {
  __commonJS,
  __name,
  __require,
  __toESM
} from "./chunk-IVUMFKUV.mjs";

// ../../main/node_modules/better-sqlite3/lib/util.js
var require_util = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/util.js"(exports) {
    "use strict";
    exports.getBooleanOption = (options, key) => {
      let value = false;
      if (key in options && typeof (value = options[key]) !== "boolean") {
        throw new TypeError(`Expected the "${key}" option to be a boolean`);
      }
      return value;
    };
    exports.cppdb = /* @__PURE__ */ Symbol();
    exports.inspect = /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom");
  }
});

// ../../main/node_modules/better-sqlite3/lib/sqlite-error.js
var require_sqlite_error = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/sqlite-error.js"(exports, module) {
    "use strict";
    var SqliteError = class _SqliteError extends Error {
      static {
        __name(this, "SqliteError");
      }
      constructor(message, code) {
        if (typeof code !== "string") {
          throw new TypeError("Expected second argument to be a string");
        }
        super("" + message);
        this.code = code;
        if (typeof Error.captureStackTrace === "function") {
          Error.captureStackTrace(this, _SqliteError);
        }
      }
    };
    Object.defineProperty(SqliteError.prototype, "name", {
      value: "SqliteError",
      writable: true,
      enumerable: false,
      configurable: true
    });
    module.exports = SqliteError;
  }
});

// ../../main/node_modules/better-sqlite3/lib/methods/wrappers.js
var require_wrappers = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/methods/wrappers.js"(exports) {
    "use strict";
    var { cppdb } = require_util();
    exports.prepare = /* @__PURE__ */ __name(function prepare(sql) {
      return this[cppdb].prepare(sql, this, false, false);
    }, "prepare");
    exports.exec = /* @__PURE__ */ __name(function exec(sql) {
      this[cppdb].exec(sql);
      return this;
    }, "exec");
    exports.close = /* @__PURE__ */ __name(function close() {
      this[cppdb].close();
      return this;
    }, "close");
    exports.loadExtension = /* @__PURE__ */ __name(function loadExtension(...args) {
      this[cppdb].loadExtension(...args);
      return this;
    }, "loadExtension");
    exports.defaultSafeIntegers = /* @__PURE__ */ __name(function defaultSafeIntegers(...args) {
      this[cppdb].defaultSafeIntegers(...args);
      return this;
    }, "defaultSafeIntegers");
    exports.unsafeMode = /* @__PURE__ */ __name(function unsafeMode(...args) {
      this[cppdb].unsafeMode(...args);
      return this;
    }, "unsafeMode");
    exports.getters = {
      name: {
        get: /* @__PURE__ */ __name(function name() {
          return this[cppdb].name;
        }, "name"),
        enumerable: true
      },
      open: {
        get: /* @__PURE__ */ __name(function open() {
          return this[cppdb].open;
        }, "open"),
        enumerable: true
      },
      inTransaction: {
        get: /* @__PURE__ */ __name(function inTransaction() {
          return this[cppdb].inTransaction;
        }, "inTransaction"),
        enumerable: true
      },
      readonly: {
        get: /* @__PURE__ */ __name(function readonly() {
          return this[cppdb].readonly;
        }, "readonly"),
        enumerable: true
      },
      memory: {
        get: /* @__PURE__ */ __name(function memory() {
          return this[cppdb].memory;
        }, "memory"),
        enumerable: true
      }
    };
  }
});

// ../../main/node_modules/better-sqlite3/lib/methods/transaction.js
var require_transaction = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/methods/transaction.js"(exports, module) {
    "use strict";
    var { cppdb } = require_util();
    var controllers = /* @__PURE__ */ new WeakMap();
    module.exports = /* @__PURE__ */ __name(function transaction(fn) {
      if (typeof fn !== "function") throw new TypeError("Expected first argument to be a function");
      const db = this[cppdb];
      const controller = getController(db, this);
      const { apply } = Function.prototype;
      const properties = {
        default: { value: wrapTransaction(apply, fn, db, controller.default) },
        deferred: { value: wrapTransaction(apply, fn, db, controller.deferred) },
        immediate: { value: wrapTransaction(apply, fn, db, controller.immediate) },
        exclusive: { value: wrapTransaction(apply, fn, db, controller.exclusive) },
        database: { value: this, enumerable: true }
      };
      Object.defineProperties(properties.default.value, properties);
      Object.defineProperties(properties.deferred.value, properties);
      Object.defineProperties(properties.immediate.value, properties);
      Object.defineProperties(properties.exclusive.value, properties);
      return properties.default.value;
    }, "transaction");
    var getController = /* @__PURE__ */ __name((db, self) => {
      let controller = controllers.get(db);
      if (!controller) {
        const shared = {
          commit: db.prepare("COMMIT", self, false, false),
          rollback: db.prepare("ROLLBACK", self, false, false),
          savepoint: db.prepare("SAVEPOINT `	_bs3.	`", self, false, false),
          release: db.prepare("RELEASE `	_bs3.	`", self, false, false),
          rollbackTo: db.prepare("ROLLBACK TO `	_bs3.	`", self, false, false)
        };
        controllers.set(db, controller = {
          default: Object.assign({ begin: db.prepare("BEGIN", self, false, false) }, shared),
          deferred: Object.assign({ begin: db.prepare("BEGIN DEFERRED", self, false, false) }, shared),
          immediate: Object.assign({ begin: db.prepare("BEGIN IMMEDIATE", self, false, false) }, shared),
          exclusive: Object.assign({ begin: db.prepare("BEGIN EXCLUSIVE", self, false, false) }, shared)
        });
      }
      return controller;
    }, "getController");
    var wrapTransaction = /* @__PURE__ */ __name((apply, fn, db, { begin, commit, rollback, savepoint, release, rollbackTo }) => /* @__PURE__ */ __name(function sqliteTransaction() {
      let before, after, undo;
      if (db.inTransaction) {
        before = savepoint;
        after = release;
        undo = rollbackTo;
      } else {
        before = begin;
        after = commit;
        undo = rollback;
      }
      before.run();
      try {
        const result = apply.call(fn, this, arguments);
        if (result && typeof result.then === "function") {
          throw new TypeError("Transaction function cannot return a promise");
        }
        after.run();
        return result;
      } catch (ex) {
        if (db.inTransaction) {
          undo.run();
          if (undo !== rollback) after.run();
        }
        throw ex;
      }
    }, "sqliteTransaction"), "wrapTransaction");
  }
});

// ../../main/node_modules/better-sqlite3/lib/methods/pragma.js
var require_pragma = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/methods/pragma.js"(exports, module) {
    "use strict";
    var { getBooleanOption, cppdb } = require_util();
    module.exports = /* @__PURE__ */ __name(function pragma(source, options) {
      if (options == null) options = {};
      if (typeof source !== "string") throw new TypeError("Expected first argument to be a string");
      if (typeof options !== "object") throw new TypeError("Expected second argument to be an options object");
      const simple = getBooleanOption(options, "simple");
      const stmt = this[cppdb].prepare(`PRAGMA ${source}`, this, true, false);
      return simple ? stmt.pluck().get() : stmt.all();
    }, "pragma");
  }
});

// ../../main/node_modules/better-sqlite3/lib/methods/explain.js
var require_explain = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/methods/explain.js"(exports, module) {
    "use strict";
    var { cppdb } = require_util();
    module.exports = /* @__PURE__ */ __name(function explain(source) {
      if (typeof source !== "string") throw new TypeError("Expected first argument to be a string");
      const stmt = this[cppdb].prepare(`EXPLAIN ${source}`, this, false, true);
      return stmt.all();
    }, "explain");
  }
});

// ../../main/node_modules/better-sqlite3/lib/methods/backup.js
var require_backup = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/methods/backup.js"(exports, module) {
    "use strict";
    var fs = __require("fs");
    var path = __require("path");
    var { promisify } = __require("util");
    var { cppdb } = require_util();
    var fsAccess = promisify(fs.access);
    module.exports = /* @__PURE__ */ __name(async function backup(filename, options) {
      if (options == null) options = {};
      if (typeof filename !== "string") throw new TypeError("Expected first argument to be a string");
      if (typeof options !== "object") throw new TypeError("Expected second argument to be an options object");
      filename = filename.trim();
      const attachedName = "attached" in options ? options.attached : "main";
      const handler = "progress" in options ? options.progress : null;
      if (!filename) throw new TypeError("Backup filename cannot be an empty string");
      if (filename === ":memory:") throw new TypeError('Invalid backup filename ":memory:"');
      if (typeof attachedName !== "string") throw new TypeError('Expected the "attached" option to be a string');
      if (!attachedName) throw new TypeError('The "attached" option cannot be an empty string');
      if (handler != null && typeof handler !== "function") throw new TypeError('Expected the "progress" option to be a function');
      await fsAccess(path.dirname(filename)).catch(() => {
        throw new TypeError("Cannot save backup because the directory does not exist");
      });
      const isNewFile = await fsAccess(filename).then(() => false, () => true);
      return runBackup(this[cppdb].backup(this, attachedName, filename, isNewFile), handler || null);
    }, "backup");
    var runBackup = /* @__PURE__ */ __name((backup, handler) => {
      let rate = 0;
      let useDefault = true;
      return new Promise((resolve, reject) => {
        setImmediate(/* @__PURE__ */ __name(function step() {
          try {
            const progress = backup.transfer(rate);
            if (!progress.remainingPages) {
              backup.close();
              resolve(progress);
              return;
            }
            if (useDefault) {
              useDefault = false;
              rate = 100;
            }
            if (handler) {
              const ret = handler(progress);
              if (ret !== void 0) {
                if (typeof ret === "number" && ret === ret) rate = Math.max(0, Math.min(2147483647, Math.round(ret)));
                else throw new TypeError("Expected progress callback to return a number or undefined");
              }
            }
            setImmediate(step);
          } catch (err) {
            backup.close();
            reject(err);
          }
        }, "step"));
      });
    }, "runBackup");
  }
});

// ../../main/node_modules/better-sqlite3/lib/methods/serialize.js
var require_serialize = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/methods/serialize.js"(exports, module) {
    "use strict";
    var { cppdb } = require_util();
    module.exports = /* @__PURE__ */ __name(function serialize(options) {
      if (options == null) options = {};
      if (typeof options !== "object") throw new TypeError("Expected first argument to be an options object");
      const attachedName = "attached" in options ? options.attached : "main";
      if (typeof attachedName !== "string") throw new TypeError('Expected the "attached" option to be a string');
      if (!attachedName) throw new TypeError('The "attached" option cannot be an empty string');
      return this[cppdb].serialize(attachedName);
    }, "serialize");
  }
});

// ../../main/node_modules/better-sqlite3/lib/methods/function.js
var require_function = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/methods/function.js"(exports, module) {
    "use strict";
    var { getBooleanOption, cppdb } = require_util();
    module.exports = /* @__PURE__ */ __name(function defineFunction(name, options, fn) {
      if (options == null) options = {};
      if (typeof options === "function") {
        fn = options;
        options = {};
      }
      if (typeof name !== "string") throw new TypeError("Expected first argument to be a string");
      if (typeof fn !== "function") throw new TypeError("Expected last argument to be a function");
      if (typeof options !== "object") throw new TypeError("Expected second argument to be an options object");
      if (!name) throw new TypeError("User-defined function name cannot be an empty string");
      const safeIntegers = "safeIntegers" in options ? +getBooleanOption(options, "safeIntegers") : 2;
      const deterministic = getBooleanOption(options, "deterministic");
      const directOnly = getBooleanOption(options, "directOnly");
      const varargs = getBooleanOption(options, "varargs");
      let argCount = -1;
      if (!varargs) {
        argCount = fn.length;
        if (!Number.isInteger(argCount) || argCount < 0) throw new TypeError("Expected function.length to be a positive integer");
        if (argCount > 100) throw new RangeError("User-defined functions cannot have more than 100 arguments");
      }
      this[cppdb].function(fn, name, argCount, safeIntegers, deterministic, directOnly);
      return this;
    }, "defineFunction");
  }
});

// ../../main/node_modules/better-sqlite3/lib/methods/aggregate.js
var require_aggregate = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/methods/aggregate.js"(exports, module) {
    "use strict";
    var { getBooleanOption, cppdb } = require_util();
    module.exports = /* @__PURE__ */ __name(function defineAggregate(name, options) {
      if (typeof name !== "string") throw new TypeError("Expected first argument to be a string");
      if (typeof options !== "object" || options === null) throw new TypeError("Expected second argument to be an options object");
      if (!name) throw new TypeError("User-defined function name cannot be an empty string");
      const start = "start" in options ? options.start : null;
      const step = getFunctionOption(options, "step", true);
      const inverse = getFunctionOption(options, "inverse", false);
      const result = getFunctionOption(options, "result", false);
      const safeIntegers = "safeIntegers" in options ? +getBooleanOption(options, "safeIntegers") : 2;
      const deterministic = getBooleanOption(options, "deterministic");
      const directOnly = getBooleanOption(options, "directOnly");
      const varargs = getBooleanOption(options, "varargs");
      let argCount = -1;
      if (!varargs) {
        argCount = Math.max(getLength(step), inverse ? getLength(inverse) : 0);
        if (argCount > 0) argCount -= 1;
        if (argCount > 100) throw new RangeError("User-defined functions cannot have more than 100 arguments");
      }
      this[cppdb].aggregate(start, step, inverse, result, name, argCount, safeIntegers, deterministic, directOnly);
      return this;
    }, "defineAggregate");
    var getFunctionOption = /* @__PURE__ */ __name((options, key, required) => {
      const value = key in options ? options[key] : null;
      if (typeof value === "function") return value;
      if (value != null) throw new TypeError(`Expected the "${key}" option to be a function`);
      if (required) throw new TypeError(`Missing required option "${key}"`);
      return null;
    }, "getFunctionOption");
    var getLength = /* @__PURE__ */ __name(({ length }) => {
      if (Number.isInteger(length) && length >= 0) return length;
      throw new TypeError("Expected function.length to be a positive integer");
    }, "getLength");
  }
});

// ../../main/node_modules/better-sqlite3/lib/methods/table.js
var require_table = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/methods/table.js"(exports, module) {
    "use strict";
    var { cppdb } = require_util();
    module.exports = /* @__PURE__ */ __name(function defineTable(name, factory) {
      if (typeof name !== "string") throw new TypeError("Expected first argument to be a string");
      if (!name) throw new TypeError("Virtual table module name cannot be an empty string");
      let eponymous = false;
      if (typeof factory === "object" && factory !== null) {
        eponymous = true;
        factory = defer(parseTableDefinition(factory, "used", name));
      } else {
        if (typeof factory !== "function") throw new TypeError("Expected second argument to be a function or a table definition object");
        factory = wrapFactory(factory);
      }
      this[cppdb].table(factory, name, eponymous);
      return this;
    }, "defineTable");
    function wrapFactory(factory) {
      return /* @__PURE__ */ __name(function virtualTableFactory(moduleName, databaseName, tableName, ...args) {
        const thisObject = {
          module: moduleName,
          database: databaseName,
          table: tableName
        };
        const def = apply.call(factory, thisObject, args);
        if (typeof def !== "object" || def === null) {
          throw new TypeError(`Virtual table module "${moduleName}" did not return a table definition object`);
        }
        return parseTableDefinition(def, "returned", moduleName);
      }, "virtualTableFactory");
    }
    __name(wrapFactory, "wrapFactory");
    function parseTableDefinition(def, verb, moduleName) {
      if (!hasOwnProperty.call(def, "rows")) {
        throw new TypeError(`Virtual table module "${moduleName}" ${verb} a table definition without a "rows" property`);
      }
      if (!hasOwnProperty.call(def, "columns")) {
        throw new TypeError(`Virtual table module "${moduleName}" ${verb} a table definition without a "columns" property`);
      }
      const rows = def.rows;
      if (typeof rows !== "function" || Object.getPrototypeOf(rows) !== GeneratorFunctionPrototype) {
        throw new TypeError(`Virtual table module "${moduleName}" ${verb} a table definition with an invalid "rows" property (should be a generator function)`);
      }
      let columns = def.columns;
      if (!Array.isArray(columns) || !isStringArray(columns = [...columns])) {
        throw new TypeError(`Virtual table module "${moduleName}" ${verb} a table definition with an invalid "columns" property (should be an array of strings)`);
      }
      if (columns.length !== new Set(columns).size) {
        throw new TypeError(`Virtual table module "${moduleName}" ${verb} a table definition with duplicate column names`);
      }
      if (!columns.length) {
        throw new RangeError(`Virtual table module "${moduleName}" ${verb} a table definition with zero columns`);
      }
      let parameters;
      if (hasOwnProperty.call(def, "parameters")) {
        parameters = def.parameters;
        if (!Array.isArray(parameters) || !isStringArray(parameters = [...parameters])) {
          throw new TypeError(`Virtual table module "${moduleName}" ${verb} a table definition with an invalid "parameters" property (should be an array of strings)`);
        }
      } else {
        parameters = inferParameters(rows);
      }
      if (parameters.length !== new Set(parameters).size) {
        throw new TypeError(`Virtual table module "${moduleName}" ${verb} a table definition with duplicate parameter names`);
      }
      if (parameters.length > 32) {
        throw new RangeError(`Virtual table module "${moduleName}" ${verb} a table definition with more than the maximum number of 32 parameters`);
      }
      for (const parameter of parameters) {
        if (columns.includes(parameter)) {
          throw new TypeError(`Virtual table module "${moduleName}" ${verb} a table definition with column "${parameter}" which was ambiguously defined as both a column and parameter`);
        }
      }
      let safeIntegers = 2;
      if (hasOwnProperty.call(def, "safeIntegers")) {
        const bool = def.safeIntegers;
        if (typeof bool !== "boolean") {
          throw new TypeError(`Virtual table module "${moduleName}" ${verb} a table definition with an invalid "safeIntegers" property (should be a boolean)`);
        }
        safeIntegers = +bool;
      }
      let directOnly = false;
      if (hasOwnProperty.call(def, "directOnly")) {
        directOnly = def.directOnly;
        if (typeof directOnly !== "boolean") {
          throw new TypeError(`Virtual table module "${moduleName}" ${verb} a table definition with an invalid "directOnly" property (should be a boolean)`);
        }
      }
      const columnDefinitions = [
        ...parameters.map(identifier).map((str) => `${str} HIDDEN`),
        ...columns.map(identifier)
      ];
      return [
        `CREATE TABLE x(${columnDefinitions.join(", ")});`,
        wrapGenerator(rows, new Map(columns.map((x, i) => [x, parameters.length + i])), moduleName),
        parameters,
        safeIntegers,
        directOnly
      ];
    }
    __name(parseTableDefinition, "parseTableDefinition");
    function wrapGenerator(generator, columnMap, moduleName) {
      return /* @__PURE__ */ __name(function* virtualTable(...args) {
        const output = args.map((x) => Buffer.isBuffer(x) ? Buffer.from(x) : x);
        for (let i = 0; i < columnMap.size; ++i) {
          output.push(null);
        }
        for (const row of generator(...args)) {
          if (Array.isArray(row)) {
            extractRowArray(row, output, columnMap.size, moduleName);
            yield output;
          } else if (typeof row === "object" && row !== null) {
            extractRowObject(row, output, columnMap, moduleName);
            yield output;
          } else {
            throw new TypeError(`Virtual table module "${moduleName}" yielded something that isn't a valid row object`);
          }
        }
      }, "virtualTable");
    }
    __name(wrapGenerator, "wrapGenerator");
    function extractRowArray(row, output, columnCount, moduleName) {
      if (row.length !== columnCount) {
        throw new TypeError(`Virtual table module "${moduleName}" yielded a row with an incorrect number of columns`);
      }
      const offset = output.length - columnCount;
      for (let i = 0; i < columnCount; ++i) {
        output[i + offset] = row[i];
      }
    }
    __name(extractRowArray, "extractRowArray");
    function extractRowObject(row, output, columnMap, moduleName) {
      let count = 0;
      for (const key of Object.keys(row)) {
        const index = columnMap.get(key);
        if (index === void 0) {
          throw new TypeError(`Virtual table module "${moduleName}" yielded a row with an undeclared column "${key}"`);
        }
        output[index] = row[key];
        count += 1;
      }
      if (count !== columnMap.size) {
        throw new TypeError(`Virtual table module "${moduleName}" yielded a row with missing columns`);
      }
    }
    __name(extractRowObject, "extractRowObject");
    function inferParameters({ length }) {
      if (!Number.isInteger(length) || length < 0) {
        throw new TypeError("Expected function.length to be a positive integer");
      }
      const params = [];
      for (let i = 0; i < length; ++i) {
        params.push(`$${i + 1}`);
      }
      return params;
    }
    __name(inferParameters, "inferParameters");
    var { hasOwnProperty } = Object.prototype;
    var { apply } = Function.prototype;
    var GeneratorFunctionPrototype = Object.getPrototypeOf(function* () {
    });
    var identifier = /* @__PURE__ */ __name((str) => `"${str.replace(/"/g, '""')}"`, "identifier");
    var defer = /* @__PURE__ */ __name((x) => () => x, "defer");
    var isStringArray = /* @__PURE__ */ __name((arr) => {
      for (let i = 0; i < arr.length; ++i) {
        if (typeof arr[i] !== "string") return false;
      }
      return true;
    }, "isStringArray");
  }
});

// ../../main/node_modules/better-sqlite3/lib/methods/inspect.js
var require_inspect = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/methods/inspect.js"(exports, module) {
    "use strict";
    var DatabaseInspection = /* @__PURE__ */ __name(function Database2() {
    }, "Database");
    module.exports = /* @__PURE__ */ __name(function inspect(depth, opts) {
      return Object.assign(new DatabaseInspection(), this);
    }, "inspect");
  }
});

// ../../main/node_modules/better-sqlite3/lib/database.js
var require_database = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/database.js"(exports, module) {
    "use strict";
    var fs = __require("fs");
    var path = __require("path");
    var util = require_util();
    var SqliteError = require_sqlite_error();
    module.exports = /* @__PURE__ */ __name(function createDatabase(getAddon, allowNativeBinding) {
      function Database2(filenameGiven, options) {
        if (new.target == null) {
          return new Database2(filenameGiven, options);
        }
        let buffer;
        let fd;
        if (Buffer.isBuffer(filenameGiven)) {
          buffer = filenameGiven;
          filenameGiven = ":memory:";
        } else if (typeof filenameGiven === "number") {
          if (!Number.isInteger(filenameGiven) || filenameGiven < 0 || filenameGiven > 2147483647) {
            throw new TypeError("Expected the file descriptor to be a non-negative 32-bit integer");
          }
          fd = filenameGiven;
          filenameGiven = `fd:${fd}`;
        }
        if (filenameGiven == null) filenameGiven = "";
        if (options == null) options = {};
        if (typeof filenameGiven !== "string") throw new TypeError("Expected first argument to be a string");
        if (typeof options !== "object") throw new TypeError("Expected second argument to be an options object");
        if ("readOnly" in options) throw new TypeError('Misspelled option "readOnly" should be "readonly"');
        if ("memory" in options) throw new TypeError('Option "memory" was removed in v7.0.0 (use ":memory:" filename instead)');
        const filename = filenameGiven.trim();
        const anonymous = filename === "" || filename === ":memory:";
        const readonly = util.getBooleanOption(options, "readonly");
        const fileMustExist = util.getBooleanOption(options, "fileMustExist");
        const timeout = "timeout" in options ? options.timeout : 5e3;
        const verbose = "verbose" in options ? options.verbose : null;
        const nativeBinding = "nativeBinding" in options ? options.nativeBinding : null;
        const journalFd = "journalFd" in options ? options.journalFd : void 0;
        if (readonly && anonymous && !buffer) throw new TypeError("In-memory/temporary databases cannot be readonly");
        if (!Number.isInteger(timeout) || timeout < 0) throw new TypeError('Expected the "timeout" option to be a positive integer');
        if (timeout > 2147483647) throw new RangeError('Option "timeout" cannot be greater than 2147483647');
        if (verbose != null && typeof verbose !== "function") throw new TypeError('Expected the "verbose" option to be a function');
        if (fd !== void 0 && journalFd === void 0) throw new TypeError('The "journalFd" option is required when opening a database from a file descriptor');
        if (fd === void 0 && journalFd !== void 0) throw new TypeError('The "journalFd" option can only be used when opening a database from a file descriptor');
        if (journalFd !== void 0 && !(Number.isInteger(journalFd) && journalFd >= 0 && journalFd <= 2147483647)) throw new TypeError('Expected the "journalFd" option to be a non-negative 32-bit integer');
        if (!allowNativeBinding && "nativeBinding" in options) throw new TypeError('The "nativeBinding" option is only supported by the default better-sqlite3 entrypoint');
        if (allowNativeBinding && nativeBinding != null && typeof nativeBinding !== "string" && typeof nativeBinding !== "object") throw new TypeError('Expected the "nativeBinding" option to be a string or addon object');
        const addon2 = getAddon(nativeBinding);
        if (!addon2.isInitialized) {
          addon2.initialize(SqliteError, arrayFactory, arrayAppender, rowFactory, recordFactory);
          addon2.isInitialized = true;
        }
        if (fd === void 0 && !anonymous && !filename.startsWith("file:") && !fs.existsSync(path.dirname(filename))) {
          throw new TypeError("Cannot open database because the directory does not exist");
        }
        Object.defineProperties(this, {
          [util.cppdb]: { value: new addon2.Database(filename, filenameGiven, anonymous, readonly, fileMustExist, timeout, verbose || null, buffer || null, fd ?? null, journalFd ?? null) },
          ...wrappers.getters
        });
      }
      __name(Database2, "Database");
      const wrappers = require_wrappers();
      Database2.prototype.prepare = wrappers.prepare;
      Database2.prototype.transaction = require_transaction();
      Database2.prototype.pragma = require_pragma();
      Database2.prototype.explain = require_explain();
      Database2.prototype.backup = require_backup();
      Database2.prototype.serialize = require_serialize();
      Database2.prototype.function = require_function();
      Database2.prototype.aggregate = require_aggregate();
      Database2.prototype.table = require_table();
      Database2.prototype.loadExtension = wrappers.loadExtension;
      Database2.prototype.exec = wrappers.exec;
      Database2.prototype.close = wrappers.close;
      Database2.prototype.defaultSafeIntegers = wrappers.defaultSafeIntegers;
      Database2.prototype.unsafeMode = wrappers.unsafeMode;
      Database2.prototype[util.inspect] = require_inspect();
      return Database2;
    }, "createDatabase");
    function arrayFactory(...values) {
      return values;
    }
    __name(arrayFactory, "arrayFactory");
    function arrayAppender(array, ...values) {
      const offset = array.length;
      for (let i = 0; i < values.length; ++i) {
        array[offset + i] = values[i];
      }
    }
    __name(arrayAppender, "arrayAppender");
    function rowFactory(...keys) {
      if (!keys.includes("__proto__")) {
        const parameters = keys.map((_, index) => `v${index}`).join(",");
        const properties = keys.map((key, index) => `${JSON.stringify(key)}:v${index}`).join(",");
        return Function(`return (${parameters}) => ({${properties}})`)();
      }
      return (...values) => {
        const row = {};
        for (let i = 0; i < keys.length; ++i) row[keys[i]] = values[i];
        return row;
      };
    }
    __name(rowFactory, "rowFactory");
    function recordFactory(value) {
      return { value, done: false };
    }
    __name(recordFactory, "recordFactory");
  }
});

// ../../main/node_modules/better-sqlite3/lib/binding.js
var require_binding = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/binding.js"(exports, module) {
    "use strict";
    var fs = __require("fs");
    var path = __require("path");
    var PREBUILD_PLATFORMS = ["linux", "darwin", "win32"];
    var PREBUILD_ARCHS = ["x64", "arm64"];
    var DEFAULT_ADDON;
    function getBinding(nativeBinding) {
      if (typeof nativeBinding === "string") {
        const requireFunc = typeof __non_webpack_require__ === "function" ? __non_webpack_require__ : __require;
        return requireFunc(path.resolve(nativeBinding).replace(/(\.node)?$/, ".node"));
      }
      if (typeof nativeBinding === "object" && nativeBinding !== null) {
        return nativeBinding;
      }
      if (DEFAULT_ADDON) {
        return DEFAULT_ADDON;
      }
      let filename = path.join(__dirname, "..", "build", "Debug", "better_sqlite3.node");
      if (!fs.existsSync(filename)) {
        filename = path.join(__dirname, "..", "build", "Release", "better_sqlite3.node");
      }
      if (fs.existsSync(filename)) {
        return DEFAULT_ADDON = __require(filename);
      }
      return DEFAULT_ADDON = __require(getPrebuildPath() || filename);
    }
    __name(getBinding, "getBinding");
    function getPrebuildPath() {
      if (PREBUILD_PLATFORMS.includes(process.platform) && PREBUILD_ARCHS.includes(process.arch)) {
        const target = `${isLinuxMusl() ? "linuxmusl" : process.platform}-${process.arch}`;
        const filename = path.join(__dirname, "..", "prebuilds", `${target}.node`);
        if (fs.existsSync(filename)) {
          return filename;
        }
      }
      return null;
    }
    __name(getPrebuildPath, "getPrebuildPath");
    function isLinuxMusl() {
      if (process.platform !== "linux") {
        return false;
      }
      try {
        const maps = fs.readFileSync("/proc/self/maps", "latin1");
        if (/\/ld-musl-[^/\s]*\.so/.test(maps)) return true;
        if (/\/(?:ld-linux[^/\s]*|libc)\.so\.\d/.test(maps)) return false;
      } catch {
      }
      const { report } = process;
      const previousExcludeNetwork = report.excludeNetwork;
      report.excludeNetwork = true;
      try {
        return !report.getReport().header.glibcVersionRuntime;
      } finally {
        report.excludeNetwork = previousExcludeNetwork;
      }
    }
    __name(isLinuxMusl, "isLinuxMusl");
    exports.getBinding = getBinding;
    exports.getPrebuildPath = getPrebuildPath;
    if (__require.main === module) {
      process.stdout.write(getPrebuildPath() ? "1" : "0");
    }
  }
});

// ../../main/node_modules/better-sqlite3/lib/index.js
var require_lib = __commonJS({
  "../../main/node_modules/better-sqlite3/lib/index.js"(exports, module) {
    "use strict";
    module.exports = require_database()(require_binding().getBinding, true);
    module.exports.SqliteError = require_sqlite_error();
  }
});

// src/store/file-store.ts
import { mkdirSync } from "node:fs";
import { join as join3 } from "node:path";

// src/store/folder-lock.ts
import { readFileSync as readFileSync2, writeFileSync } from "node:fs";
import { join } from "node:path";

// src/store/sqlite-file.ts
var import_better_sqlite3 = __toESM(require_lib(), 1);
import { closeSync, existsSync, fsyncSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
var schemaVersion = 1;
var applicationId = 1802660204;
var walPages = 2e3;
var pageSize = 4096;
var walFileLimit = 16 << 20;
var schema = `
CREATE TABLE log (
  revision INTEGER PRIMARY KEY,
  previous INTEGER NOT NULL,
  type INTEGER NOT NULL,
  time INTEGER NOT NULL,
  key TEXT NOT NULL,
  value BLOB
);
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, data BLOB NOT NULL);
INSERT INTO meta VALUES ('retained', 0);
`;
var StoreUnusable = class extends Error {
  static {
    __name(this, "StoreUnusable");
  }
  constructor(message, cause) {
    super(message, { cause });
    this.name = "StoreUnusable";
  }
};
function addon() {
  const folder = fileURLToPath(new URL("./prebuilds/", import.meta.url));
  if (!existsSync(folder)) return void 0;
  const musl = process.platform === "linux" && readFileSync("/proc/self/maps", "latin1").includes("/ld-musl-");
  return `${folder}${process.platform}${musl ? "musl" : ""}-${process.arch}.node`;
}
__name(addon, "addon");
function openConnection(path, timeout) {
  const nativeBinding = addon();
  return new import_better_sqlite3.default(path, { timeout, ...nativeBinding && { nativeBinding } });
}
__name(openConnection, "openConnection");
function connect(path) {
  const db = openConnection(path, 5e3);
  db.pragma("synchronous = FULL");
  db.pragma("wal_autocheckpoint = 0");
  db.pragma(`journal_size_limit = ${walFileLimit}`);
  if (process.platform === "darwin") {
    db.pragma("fullfsync = ON");
    db.pragma("checkpoint_fullfsync = ON");
  }
  return db;
}
__name(connect, "connect");
function openDatabase(path) {
  if (!existsSync(path)) {
    closeSync(openSync(path, "a", 384));
    syncFolder(dirname(path));
  }
  let db;
  try {
    db = connect(path);
    const version = db.pragma("user_version", { simple: true });
    if (version > schemaVersion) throw newer(path, version);
    if (version === 0) initialise(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw unusable(path, error);
  }
}
__name(openDatabase, "openDatabase");
function initialise(db, path) {
  const tables = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get();
  if (tables > 0) throw new StoreUnusable(`${path} is not a krill database. Move it away and start again.`);
  db.pragma("journal_mode = WAL");
  transact(db, () => {
    db.exec(schema);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${schemaVersion}`);
  });
}
__name(initialise, "initialise");
function newer(path, version) {
  return new StoreUnusable(
    `${path} has schema ${version}; this krill knows ${schemaVersion}. It was written by a newer krill: run that one, or delete the cluster to start afresh. The file was left as it is.`
  );
}
__name(newer, "newer");
function unusable(path, error) {
  if (error instanceof StoreUnusable) return error;
  const code = error.code ?? "";
  if (!/^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(code)) return error;
  return damaged(path, error.message, error);
}
__name(unusable, "unusable");
function damaged(path, finding, cause) {
  return new StoreUnusable(
    `${path} is damaged (${finding}). Nothing was changed. Keep a copy of the folder (with -wal, which holds the newest writes), then restore a snapshot, or move the folder away to start afresh.`,
    cause
  );
}
__name(damaged, "damaged");
function syncFolder(folder) {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
__name(syncFolder, "syncFolder");
function transact(db, work) {
  db.exec("BEGIN IMMEDIATE");
  try {
    work();
    db.exec("COMMIT");
  } catch (error) {
    if (db.inTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
__name(transact, "transact");
var SqliteWriter = class {
  static {
    __name(this, "SqliteWriter");
  }
  #db;
  #insert;
  #remove;
  /** Bytes written since the last checkpoint, roughly. */
  #written = 0;
  constructor(db) {
    this.#db = db;
    this.#insert = db.prepare("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)");
    this.#remove = db.prepare("DELETE FROM log WHERE revision = ?");
  }
  append(rows) {
    transact(this.#db, () => {
      for (const { revision, previous, type, time, key, value } of rows) {
        this.#insert.run(revision, previous, type, Math.round(time), key, value ?? null);
        this.#written += 64 + (value?.length ?? 0);
      }
    });
    this.#written += pageSize;
  }
  /** Copies the WAL into the database when it has grown. Nothing is lost when that fails: the next call tries again. */
  tidy() {
    if (this.#written < walPages * pageSize) return;
    this.#db.pragma("wal_checkpoint(PASSIVE)");
    this.#written = 0;
  }
  /** Removes rows above `committed` and proves that a row can be written. */
  recover(committed) {
    transact(this.#db, () => {
      this.#db.prepare("DELETE FROM log WHERE revision > ?").run(committed);
      this.#insert.run(committed + 1, 0, 0, 0, "probe", null);
      this.#remove.run(committed + 1);
      this.#db.prepare("INSERT OR REPLACE INTO meta VALUES ('probe', ?)").run(committed);
    });
  }
  saveCheckpoint({ revision, data }) {
    transact(this.#db, () => {
      this.#db.prepare("INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?)").run(revision, data);
    });
    this.#written += data.length;
  }
  /** Compacts the next slice of the log towards `target`; returns how far compaction has come. */
  compactSlice(retained, target, rows) {
    const slice = this.#db.prepare(
      "SELECT revision, previous, type FROM log WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ?"
    ).raw().all(retained, target, rows);
    const end = slice.length < rows ? target : slice.at(-1)[0];
    transact(this.#db, () => {
      for (const [revision, previous, type] of slice) {
        if (previous > 0) this.#remove.run(previous);
        if (type === 2) this.#remove.run(revision);
      }
      this.#db.prepare("UPDATE meta SET value = ? WHERE name = 'retained'").run(end);
    });
    this.#written += slice.length * 512;
    return end;
  }
  /** Moves everything into the database file. */
  close() {
    this.#db.pragma("wal_checkpoint(TRUNCATE)");
    this.#db.close();
  }
};

// src/store/folder-lock.ts
function lockFolder(folder) {
  const owner = join(folder, "owner");
  let db;
  try {
    db = openConnection(join(folder, "lock"), 0);
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    if (error.code !== "SQLITE_BUSY") throw error;
    throw new StoreUnusable(
      `${folder} is in use by another krill (process ${ownerOf(owner)}). Stop that one first, or use another cluster name.`
    );
  }
  writeFileSync(owner, String(process.pid), { mode: 384 });
  const held = db;
  return () => void held.close();
}
__name(lockFolder, "lockFolder");
function ownerOf(file) {
  try {
    return readFileSync2(file, "utf8");
  } catch {
    return "unknown";
  }
}
__name(ownerOf, "ownerOf");

// src/store/sealing-key.ts
import { randomBytes } from "node:crypto";
import { closeSync as closeSync2, existsSync as existsSync2, fsyncSync as fsyncSync2, openSync as openSync2, readFileSync as readFileSync3, renameSync, writeSync } from "node:fs";
import { join as join2 } from "node:path";
function loadKey(folder) {
  const path = join2(folder, "secrets.key");
  if (!existsSync2(path)) {
    if (existsSync2(join2(folder, "store.db"))) {
      throw new StoreUnusable(`${path} is missing: without it the Secrets in ${folder} cannot be read. Put it back.`);
    }
    makeKey(folder, path);
  }
  const key = readFileSync3(path);
  if (key.length !== keyLength) throw new StoreUnusable(`${path} does not hold a key of ${keyLength} bytes.`);
  return key;
}
__name(loadKey, "loadKey");
function makeKey(folder, path) {
  const draft = `${path}.new`;
  const handle = openSync2(draft, "w", 384);
  try {
    writeSync(handle, randomBytes(keyLength));
    fsyncSync2(handle);
  } finally {
    closeSync2(handle);
  }
  renameSync(draft, path);
  syncFolder(folder);
}
__name(makeKey, "makeKey");

// src/store/row-batch.ts
function packRows(rows) {
  let total = 0;
  for (const { value } of rows) total += value?.length ?? 0;
  const batch = {
    keys: rows.map(({ key }) => key),
    revisions: new Float64Array(rows.length),
    previous: new Float64Array(rows.length),
    times: new Float64Array(rows.length),
    types: new Uint8Array(rows.length),
    lengths: new Int32Array(rows.length),
    values: new Uint8Array(total)
  };
  let offset = 0;
  for (let i = 0; i < rows.length; i++) {
    const { revision, previous, time, type, value } = rows[i];
    batch.revisions[i] = revision;
    batch.previous[i] = previous;
    batch.times[i] = time;
    batch.types[i] = type;
    batch.lengths[i] = value ? value.length : -1;
    if (!value) continue;
    batch.values.set(value, offset);
    offset += value.length;
  }
  return batch;
}
__name(packRows, "packRows");

// src/store/worker-link.ts
import { Worker } from "node:worker_threads";
var script = new URL(import.meta.url.endsWith(".ts") ? "./store-worker.ts" : "./store-worker.mjs", import.meta.url);
var WorkerLink = class {
  static {
    __name(this, "WorkerLink");
  }
  /** Whether the worker has its connection open and takes requests. */
  ready = false;
  /** Why the worker is gone. */
  failure;
  #worker;
  #outstanding = /* @__PURE__ */ new Map();
  #nextId = 1;
  constructor(path) {
    this.#worker = new Worker(script, {
      workerData: { path },
      name: "krill-store",
      // Values live outside its heap.
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 4 }
    });
    this.#worker.on("message", (reply) => this.#settle(reply));
    this.#worker.on("error", (error) => this.#die(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on("exit", (code) => this.#die(new Error(`the store's worker ended with code ${code}`)));
    this.#worker.unref();
  }
  /** Sends a job; `transfer` names the blocks that need not be copied. */
  request(job, transfer = []) {
    if (this.failure) return Promise.reject(this.failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#outstanding.size === 0) this.#worker.ref();
      this.#outstanding.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...job }, transfer);
    });
  }
  async terminate() {
    await this.#worker.terminate();
  }
  #settle({ id, result, error }) {
    if (id === 0) {
      this.ready = true;
      return;
    }
    const request = this.#outstanding.get(id);
    if (!request) return;
    this.#outstanding.delete(id);
    if (this.#outstanding.size === 0) this.#worker.unref();
    if (error) request.reject(Object.assign(new Error(error.message), { code: error.code }));
    else request.resolve(result);
  }
  #die(error) {
    this.failure ??= error;
    this.ready = false;
    const outstanding = [...this.#outstanding.values()];
    this.#outstanding.clear();
    for (const { reject } of outstanding) reject(this.failure);
  }
};

// src/store/sqlite-log.ts
var SqliteLog = class {
  static {
    __name(this, "SqliteLog");
  }
  readable = true;
  retained;
  /** Whether the file was left by a clean stop: its checkpoint covers its last row. */
  clean;
  #link;
  #db;
  #read;
  #early;
  #worker;
  #checker;
  /** Opens or makes the file. Throws `StoreUnusable` where it must not be touched. `link` starts a worker for it. */
  constructor(path, link = (file) => new WorkerLink(file)) {
    this.#link = () => link(path);
    this.#db = openDatabase(path);
    this.#worker = this.#link();
    this.#early = new SqliteWriter(this.#db);
    this.#read = this.#db.prepare("SELECT value FROM log WHERE revision = ?").pluck();
    this.retained = this.#db.prepare("SELECT value FROM meta WHERE name = 'retained'").pluck().get();
    const last = this.#db.prepare("SELECT max(revision) FROM log").pluck().get();
    const covered = this.#db.prepare("SELECT revision FROM checkpoint WHERE id = 1").pluck().get();
    this.clean = last === null || last === covered;
  }
  async append(rows) {
    const early = this.#writeHere();
    if (early) return early.append(rows);
    const batch = packRows(rows);
    await this.#worker.request({ op: "append", batch }, [batch.values.buffer]);
  }
  async recover(committed) {
    if (this.#worker.failure) this.#worker = this.#link();
    await this.#worker.request({ op: "recover", committed });
  }
  checkpoint() {
    const row = this.#db.prepare("SELECT revision, data FROM checkpoint WHERE id = 1").get();
    return row;
  }
  scan(revision, visit) {
    const rows = this.#db.prepare(
      "SELECT revision, previous, type, time, key, ifnull(length(value), 0) FROM log WHERE revision > ? ORDER BY revision"
    ).raw().iterate(revision);
    for (const [revision2, previous, type, time, key, size] of rows) {
      visit({ revision: revision2, previous, type, time, key, size });
    }
  }
  read(revision) {
    return this.#read.get(revision) ?? void 0;
  }
  async saveCheckpoint({ revision, data }) {
    await this.#worker.request({ op: "saveCheckpoint", revision, data });
  }
  async compact(revision) {
    await this.#worker.request({ op: "compact", retained: this.retained, target: revision });
    this.retained = Math.max(this.retained, revision);
  }
  /** Runs on a thread of its own, so that no commit waits for it. */
  async check() {
    this.#checker = this.#link();
    try {
      const finding = await this.#checker.request({ op: "check" });
      return finding === "ok" ? void 0 : finding;
    } finally {
      await this.#checker.terminate();
    }
  }
  async close() {
    this.#early = void 0;
    await this.#checker?.terminate();
    try {
      if (!this.#worker.failure) await this.#worker.request({ op: "close" });
    } finally {
      await this.#worker.terminate();
      this.#db.close();
    }
  }
  /** The writer on this thread while the worker is not up. */
  #writeHere() {
    if (this.#early && (this.#worker.ready || this.#worker.failure)) {
      this.#early = void 0;
      this.#db.pragma("query_only = ON");
    }
    return this.#early;
  }
};

// src/store/file-store.ts
var checkDelay = 5e3;
function openFileStore(options) {
  const { folder } = options;
  const clock = options.clock ?? new SystemClock();
  const logger = options.logger ?? silentLogger;
  mkdirSync(folder, { recursive: true, mode: 448 });
  const unlock = lockFolder(folder);
  const path = join3(folder, "store.db");
  let log;
  let check;
  try {
    const key = loadKey(folder);
    log = new SqliteLog(path);
    const store = new RevisionStore({
      ...options,
      log,
      clock,
      ids: options.ids ?? new SystemIds(),
      logger,
      codec: new SealingCodec(key, new Set(options.encrypted ?? ["secrets"])),
      onClose: /* @__PURE__ */ __name(() => {
        check?.cancel();
        unlock();
      }, "onClose")
    });
    if (!log.clean) check = clock.after(checkDelay, checkFile(store, log, logger, path));
    return store;
  } catch (error) {
    log?.close().catch(() => void 0);
    unlock();
    throw unusable(path, error);
  }
}
__name(openFileStore, "openFileStore");
function checkFile(store, log, logger, path) {
  return () => {
    log.check().then(
      (finding) => {
        if (finding === void 0) return logger.info("The store was stopped uncleanly; its file is sound");
        const error = damaged(path, finding);
        logger.error("The store takes no writes: its file is damaged", { error });
        store.distrust(error);
      },
      (error) => logger.warn("The file of the store could not be checked", { error })
    );
  };
}
__name(checkFile, "checkFile");
export {
  openFileStore
};
