"use strict";

const place = document.getElementById("documentation");

// Its search would run in a worker made of a blob, which the page's policy has no exception for.
Redoc.init(place.dataset.schema, { disableSearch: true }, place);
