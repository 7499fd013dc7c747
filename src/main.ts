console.log('krill');
